"""The obligation matrix of the whole tree against hand-written SQL over the same rows."""

from datetime import date, timedelta

from django.db import connection
from wagtail.models import Page

from courses.models import CoursePage, Requirement, RequirementUnit, Run
from courses.obligations import end_of
from lms.organisations.access import Access
from lms.organisations.models import Role, Unit
from lms.reporting.matrix import Question, obligation_matrix
from tests.factories.organisations import make_person

from .harness import Measured, compare
from .population import AS_AT, make_population

READS_ALL = Access(grants=((Role.MINISTRY_READER, ""),))
REQUIREMENTS = 20

# The same cells as the matrix, nothing more: no tree, no exemptions, no recognised training, no way back through earlier
# postings.
PART = """
SELECT {pk}, p.unit_id, CASE WHEN d.learner_id IS NOT NULL THEN 'done'
    WHEN p.valid_from > %(late{pk})s AND p.valid_from < %(own{pk})s THEN 'overdue'
    WHEN p.valid_from > %(late{pk})s THEN 'joined_late'
    WHEN %(due{pk})s < %(day)s THEN 'overdue'
    WHEN %(due{pk})s <= %(soon)s THEN 'due_soon' ELSE 'on_track' END AS state, COUNT(*)
FROM organisations_posting p
JOIN organisations_unit u ON u.id = p.unit_id
LEFT JOIN (SELECT DISTINCT e.learner_id FROM courses_enrolment e JOIN courses_run r ON r.id = e.run_id
  WHERE r.course_id = %(course{pk})s AND e.state = 'completed' AND e.completed_at < %(end)s) d ON d.learner_id = p.person_id
WHERE p.is_main AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s) AND u.path LIKE %(path{pk})s
GROUP BY p.unit_id, state
"""


def make_requirements(runs: list[Run]) -> list[Requirement]:
    """Twenty: each run's course of its own; three of four for everybody, the others for a subtree."""
    parent, chief = Page.objects.get(depth=1), make_person()
    tops = list(Unit.objects.filter(parent__parent=None, parent__isnull=False).order_by("path"))
    made = []
    for index, run in enumerate(runs[:REQUIREMENTS]):
        course = CoursePage(
            title=f"Khóa {index}", slug=f"khoa-{index}", code=f"K{index}", periods=8, locale=parent.locale
        )
        parent.add_child(instance=course)
        Run.objects.filter(pk=run.pk).update(course=course)
        requirement = Requirement.objects.create(
            code=f"YC{index}",
            title=f"Yêu cầu {index}",
            course=course,
            starts_on=date(2026, 1, 1),
            due_on=AS_AT + timedelta(days=15 * (index - 10)),
            decision_number="1/QĐ",
            decision_date=date(2026, 1, 1),
            created_by=chief,
            created_at=end_of(date(2025, 12, 30)),
        )
        if index % 4 == 3:
            RequirementUnit.objects.create(requirement=requirement, unit=tops[index % len(tops)])
        made.append(requirement)
    return made


def floor(requirements: list[Requirement]) -> None:
    """One statement for all requirements."""
    values = {
        "day": AS_AT,
        "soon": AS_AT + timedelta(days=30),
        "end": connection.ops.adapt_datetimefield_value(end_of(AS_AT)),
    }
    for requirement in requirements:
        link = requirement.unit_links.first()
        period = requirement.term.period_of(AS_AT)
        values |= {
            f"late{requirement.pk}": period.late_after,
            f"own{requirement.pk}": AS_AT - timedelta(days=requirement.newcomer_days),
            f"due{requirement.pk}": requirement.due_on,
            f"course{requirement.pk}": requirement.course_id,
            f"path{requirement.pk}": f"{link.unit.path if link else ''}%",
        }
    parts = [PART.format(pk=requirement.pk) for requirement in requirements]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        cursor.fetchall()


def obligation_rollup(*, size: float, rounds: int) -> list[Measured]:
    population = make_population(size=size)
    requirements = make_requirements(population.runs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [
        compare(
            name="obligation matrix of the whole tree",
            floor="hand-written GROUP BY",
            floor_run=lambda: floor(requirements),
            ours_run=lambda: obligation_matrix(question=Question(as_at=AS_AT), access=READS_ALL),
            gate=1.5,
            rounds=min(rounds, 7),
            note=f"{len(population.units):,} units, {len(population.people):,} people, {len(requirements)} requirements",
        )
    ]
