"""Completion of the whole tree against hand-written SQL over the same rows."""

from django.db import connection

from lms.organisations.access import Access
from lms.organisations.models import Role
from lms.reporting.figures import end_of
from lms.reporting.queries import Scope, completion_by_unit

from .harness import Measured, compare
from .population import AS_AT, make_population

READS_ALL = Access(grants=((Role.SCHOOL_ADMINISTRATOR, ""),))

# The same columns as the report, nothing more: one pass each over enrolments, postings and certificates. Nothing is added
# up over the tree, and a person in two units is counted in both.
ENROLMENTS_SQL = """
SELECT unit_id, COUNT(*), COUNT(DISTINCT learner_id),
  SUM(CASE WHEN completed_at < %(end)s THEN 1 ELSE 0 END),
  SUM(CASE WHEN (completed_at IS NULL OR completed_at >= %(end)s) AND (ended_at IS NULL OR ended_at >= %(end)s)
           AND due_on >= %(day)s AND started_at < %(end)s THEN 1 ELSE 0 END),
  SUM(CASE WHEN (completed_at IS NULL OR completed_at >= %(end)s) AND (ended_at IS NULL OR ended_at >= %(end)s)
           AND due_on >= %(day)s AND (started_at IS NULL OR started_at >= %(end)s) THEN 1 ELSE 0 END),
  SUM(CASE WHEN (completed_at IS NULL OR completed_at >= %(end)s) AND (ended_at IS NULL OR ended_at >= %(end)s)
           AND due_on < %(day)s THEN 1 ELSE 0 END),
  SUM(CASE WHEN (completed_at IS NULL OR completed_at >= %(end)s) AND ended_at < %(end)s
           AND state IN ('failed', 'expired') THEN 1 ELSE 0 END),
  SUM(CASE WHEN (completed_at IS NULL OR completed_at >= %(end)s) AND ended_at < %(end)s
           AND state NOT IN ('failed', 'expired') THEN 1 ELSE 0 END)
FROM courses_enrolment WHERE enrolled_at < %(end)s GROUP BY unit_id
"""
CERTIFICATES_SQL = """
SELECT e.unit_id, COUNT(*) FROM certificates_certificate c JOIN courses_enrolment e ON e.id = c.enrolment_id
WHERE e.enrolled_at < %(end)s AND c.issued_at < %(end)s GROUP BY e.unit_id
"""
POSTINGS_SQL = """
SELECT unit_id, COUNT(*) FROM organisations_posting
WHERE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s) AND is_main GROUP BY unit_id
"""


def floor() -> None:
    end = connection.ops.adapt_datetimefield_value(end_of(AS_AT))
    with connection.cursor() as cursor:
        for statement in (ENROLMENTS_SQL, POSTINGS_SQL, CERTIFICATES_SQL):
            cursor.execute(statement, {"end": end, "day": AS_AT})
            cursor.fetchall()


def completion_rollup(*, size: float, rounds: int) -> list[Measured]:
    population = make_population(size=size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [
        compare(
            name="whole-tree completion roll-up",
            floor="hand-written GROUP BY",
            floor_run=floor,
            ours_run=lambda: completion_by_unit(scope=Scope(), as_at=AS_AT, access=READS_ALL),
            gate=1.5,
            rounds=min(rounds, 7),
            note=f"{len(population.units):,} units, {len(population.people):,} people",
        )
    ]
