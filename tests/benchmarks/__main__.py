"""Runs the benchmarks on a database of their own: ``python -m tests.benchmarks [--size N] [--only NAME]``.

``--size 1`` is 5 % of the load gates' data set (250 units, 10,000 officials, 50,000 enrolments); 20 is all of it.
"""

import argparse
import os
import sys
from pathlib import Path

import django

# A database of its own, whatever settings the caller works with.
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--size", type=float, default=1)
    parser.add_argument("--only", help="run benchmarks whose name holds this word")
    parser.add_argument("--rounds", type=int, default=1000, help="at most so many rounds of each")
    options = parser.parse_args(arguments)

    django.setup()
    from django.conf import settings
    from django.db import connection

    from tests.database import connected_to, own_databases

    from . import cases, harness

    databases = own_databases()
    name = f"{databases.name}-bench" if connection.vendor == "sqlite" else f"{databases.name}_bench"
    template = databases.migrated_template()
    results = []
    try:
        for case_name, case in cases.ALL.items():
            if options.only and options.only not in case_name:
                continue
            print(f"… {case_name}", file=sys.stderr)
            # Each on a database of its own: what one leaves behind costs the next nothing.
            databases.copy(template, name)
            with connected_to(name):
                results += case(size=options.size, rounds=options.rounds)
    finally:
        databases.drop(name)
    about = {
        "database": connection.vendor,
        "python": sys.version.split()[0],
        "django": django.get_version(),
        "size": options.size,
    }
    print(
        f"\n{about['database']}, Python {about['python']}, Django {about['django']}, size {options.size:g}\n"
    )
    harness.print_table(results)
    harness.write_json(results, Path(settings.BASE_DIR) / "var" / "bench.json", about=about)
    return 0


sys.exit(main(sys.argv[1:]))
