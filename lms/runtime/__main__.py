"""Entry for the Makefile: ``python3 lms/runtime <command>``.

Written so that any Python 3 can read it and say that it is too old. The package is imported as ``runtime``,
because importing ``lms`` needs Celery, which is not there yet on a fresh machine.
"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

if sys.version_info < (3, 11):
    for name in ("python3.13", "python3.12", "python3.11"):
        newer = shutil.which(name)
        if newer and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(newer, [newer, HERE] + sys.argv[1:])
    sys.stderr.write(
        "✗ Cần Python 3.11 trở lên (máy này có %d.%d). Hãy cài Python mới hơn rồi chạy lại.\n"
        "  Python 3.11 or newer is needed (this is %d.%d). Install it and run again.\n"
        % (sys.version_info[:2] + sys.version_info[:2])
    )
    sys.exit(1)

sys.path[0] = os.path.dirname(HERE)

from runtime.cli import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
