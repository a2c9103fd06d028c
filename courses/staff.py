"""What a unit sees of its own: its people, and how far they are in which class.

Everything is read for one unit and its subtree. People belong to a unit by today's main posting, participations by the
unit of the day of enrolment; so a list of people also names those who have left but whose participation is counted.
"""

from dataclasses import dataclass, fields
from datetime import date

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from lms.organisations.models import Posting, Unit

from .models import Enrolment, Run

State = Enrolment.State
# A "state" of a person that is none of the figures of ``conditions``.
NO_CLASS = "none"


@dataclass
class UnitFigures:
    """``staff`` are people, the others participations (lượt). ``participations`` counts all who ever had a place."""

    staff: int = 0
    nominated: int = 0
    participations: int = 0
    studying: int = 0
    overdue: int = 0
    completed: int = 0
    withdrawn: int = 0

    def add(self, other: "UnitFigures") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def denominator(self) -> int:
        """What the rate of completion is measured against, as in the school's reports."""
        return self.participations - self.withdrawn


@dataclass
class UnitRow:
    unit: Unit
    figures: UnitFigures
    is_own: bool = False  # the people of the unit itself, beside those of the units below


def conditions(on: date) -> dict[str, Q]:
    """Figure → the participations it counts."""
    studying = Q(state__in=Enrolment.STUDYING_STATES)
    return {
        "nominated": Q(state=State.NOMINATED),
        "participations": Q(enrolled_at__isnull=False),
        "studying": studying & Q(due_on__gte=on),
        "overdue": studying & Q(due_on__lt=on),
        "completed": Q(state=State.COMPLETED),
        "withdrawn": Q(state=State.WITHDRAWN, enrolled_at__isnull=False),
    }


def roll_up(unit: Unit, *, on: date, run: Run | None = None) -> tuple[UnitFigures, list[UnitRow]]:
    """The figures of the subtree, and of each unit directly below with what lies under it; three queries."""
    within = Q(unit__path__startswith=unit.path)
    below = list(Unit.objects.subtree_of(unit).order_by("path"))
    child_length = len(unit.path) + 4
    rows = {
        child.path: UnitRow(unit=child, figures=UnitFigures())
        for child in below
        if len(child.path) <= child_length
    }
    rows[unit.path].is_own = True
    path_of = {each.pk: each.path for each in below}

    staff = Posting.objects.on(on).main().filter(within).order_by()
    for unit_id, people in staff.values_list("unit").annotate(Count("person", distinct=True)):
        rows[path_of[unit_id][:child_length]].figures.staff += people
    counted = Enrolment.objects.filter(within)
    if run is not None:
        counted = counted.filter(run=run)
    counts = {name: Count("pk", filter=condition) for name, condition in conditions(on).items()}
    for row in (
        counted.order_by().values("unit").annotate(**{f"n_{name}": count for name, count in counts.items()})
    ):
        figures = UnitFigures(**{name: row[f"n_{name}"] for name in counts})
        rows[path_of[row["unit"]][:child_length]].figures.add(figures)

    total = UnitFigures()
    for row in rows.values():
        total.add(row.figures)
    return total, list(rows.values())


def people_of(
    unit: Unit,
    *,
    on: date,
    text: str = "",
    run: Run | None = None,
    state: str = "",
) -> QuerySet:
    """People of the subtree in name order; ``state`` is a key of ``conditions`` or NO_CLASS.

    Each has ``postings_here`` and ``shown_enrolments``, newest class first: those that are asked for.
    """
    posted = Posting.objects.on(on).main().filter(unit__path__startswith=unit.path)
    enrolled = Enrolment.objects.filter(unit__path__startswith=unit.path)
    people = (
        get_user_model()
        .objects.filter(
            Exists(posted.filter(person=OuterRef("pk"))) | Exists(enrolled.filter(learner=OuterRef("pk")))
        )
        .search(text)
    )
    wanted = enrolled if run is None else enrolled.filter(run=run)
    if state == NO_CLASS:
        people = people.exclude(Exists(wanted.filter(learner=OuterRef("pk"))))
    elif state or run is not None:
        if state:
            wanted = wanted.filter(conditions(on)[state])
        people = people.filter(Exists(wanted.filter(learner=OuterRef("pk"))))
    shown = wanted if state != NO_CLASS else enrolled
    return people.in_name_order().prefetch_related(
        Prefetch("postings", posted.select_related("unit"), to_attr="postings_here"),
        Prefetch(
            "enrolments",
            shown.select_related("run", "unit").order_by("-run__opens_on", "-pk"),
            to_attr="shown_enrolments",
        ),
    )


def with_posting(people) -> list:
    """Each person with ``posting``: the main one within the subtree, None for those who have left it."""
    rows = list(people)
    for person in rows:
        person.posting = person.postings_here[0] if person.postings_here else None
    return rows
