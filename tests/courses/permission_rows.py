"""Who gets what at the addresses of this room; the learner's and those of classes and units have files of their own."""

from tests.courses.learner_rows import LEARNER_ROWS
from tests.courses.record_rows import RECORD_ROWS
from tests.courses.requirement_rows import REQUIREMENT_ROWS
from tests.courses.session_rows import SESSION_ROWS
from tests.courses_management.permission_rows import ROWS as MANAGEMENT_ROWS

ROWS = [*LEARNER_ROWS, *RECORD_ROWS, *REQUIREMENT_ROWS, *SESSION_ROWS, *MANAGEMENT_ROWS]
