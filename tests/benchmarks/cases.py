"""The benchmarks by name, in the order they run.

Each takes ``size`` (see ``__main__``) and ``rounds``, how often each way is run at most.
"""

from .audit import audit
from .autosave import autosave
from .certificate import certificate
from .crowd import crowd
from .lesson_page import lesson_page
from .obligations import obligation_rollup
from .rollup import completion_rollup
from .staff_import import staff_import
from .unit_tree import unit_tree

ALL = {
    "lesson page": lesson_page,
    "autosave": autosave,
    "crowd": crowd,
    "audit trail": audit,
    "certificate": certificate,
    "completion roll-up": completion_rollup,
    "obligation matrix": obligation_rollup,
    "staff import": staff_import,
    "unit tree": unit_tree,
}
