"""Set-based reading across the rooms, in a constant number of queries whatever the number of units."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Count, Expression, F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from certificates.models import Certificate
from courses.models import Enrolment, EnrolmentMove
from lms.organisations.access import Access
from lms.organisations.models import Posting, Unit

from .figures import PARTS, conditions, end_of, enrolled_by
from .frames import WHOLE, Frame, condition_of
from .rollup import distinct_people, roll_up


@dataclass(frozen=True)
class Scope:
    """Which participations a report speaks of: of runs, of a course, of runs that close within a period."""

    run_id: int | None = None
    course_id: int | None = None
    closes_from: date | None = None
    closes_to: date | None = None

    def enrolments(self, *, as_at: date) -> QuerySet[Enrolment]:
        """Participations with ``counted_in``, the id of the unit they stood in at the end of the day."""
        rows = Enrolment.objects.filter(enrolled_by(as_at)).annotate(counted_in=unit_as_at(as_at))
        if self.run_id:
            rows = rows.filter(run_id=self.run_id)
        if self.course_id:
            rows = rows.filter(run__course_id=self.course_id)
        if self.closes_from:
            rows = rows.filter(run__closes_on__gte=self.closes_from)
        if self.closes_to:
            rows = rows.filter(run__closes_on__lte=self.closes_to)
        return rows


def structure_of(as_at: date) -> date | None:
    """The tree a report stands under unless another was asked for: that of its day, for a day gone by."""
    return as_at if as_at < timezone.localdate() else None


def unit_as_at(day: date) -> Expression:
    """Where a participation stood on the day: what followed its learner since is taken back."""
    later = EnrolmentMove.objects.filter(on__gt=day)
    if not later.exists():
        return F("unit")  # almost always: reports are mostly of today
    first = later.filter(enrolment=OuterRef("pk")).order_by("on", "pk").values("from_unit")[:1]
    return Coalesce(Subquery(first), F("unit"), output_field=BigIntegerField())


@dataclass(frozen=True)
class UnitRow:
    """One unit's figures, its subtree included.

    ``participations`` counts enrolments (lượt người) and is the sum of PARTS; ``persons`` counts people once (số
    người). ``rate`` is completed ÷ (participations − withdrawn), None where nobody is left to count.
    """

    unit: Unit
    depth: int
    staff: int
    participations: int
    persons: int
    completed: int
    in_progress: int
    not_started: int
    overdue: int
    failed: int
    withdrawn: int
    certificates: int
    has_children: bool

    @property
    def counts_something(self) -> bool:
        return bool(self.staff or self.participations or self.certificates)

    @property
    def denominator(self) -> int:
        return self.participations - self.withdrawn

    @property
    def rate(self) -> float | None:
        return self.completed / self.denominator if self.denominator else None


FIGURES = ["staff", "participations", "persons", *PARTS, "certificates"]


@dataclass(frozen=True)
class CompletionReport:
    as_at: date
    rows: list[UnitRow]  # in tree order, every unit in reach that stands or has something to count
    tops: list[UnitRow]  # the rows nothing in reach stands above; one, when a unit was asked for
    own: dict[int, UnitRow]  # by unit: its figures without those of the units below it
    total: UnitRow | None  # the row that holds all the others: the one top, or else the sum of the tops
    above: list[Unit]  # what stands above the unit asked for, within reach, the top first

    @property
    def of_several_trees(self) -> bool:
        """Whole trees stand side by side, ministries say; not just some units of one."""
        return len(self.tops) > 1 and all(row.unit.parent_id is None for row in self.tops)

    def below_total(self) -> list[UnitRow]:
        """The rows to show first: what stands directly under the total; of several trees the tops and what is below."""
        if self.total is None or self.total in self.tops:
            return self.children_of(self.total) if self.total else self.tops
        if self.of_several_trees:
            return [row for row in self.rows if row.depth <= 1]
        return self.tops

    def compared(self) -> list[UnitRow]:
        """Units that can be set beside each other: one level of the tree."""
        tops = set(self.tops) if self.of_several_trees else set()
        return [row for row in self.below_total() if row not in tops]

    def children_of(self, row: UnitRow) -> list[UnitRow]:
        return [child for child in self.rows if child.unit.parent_id == row.unit.pk]

    def at_level(self, level: int) -> list[UnitRow]:
        """Rows of one level of the tree, 0 the top of what is shown, that together cover everything once.

        What is counted in a unit above the level itself stands in a row of that unit, without what is below it.
        """
        return [
            row if row.depth == level else self.own[row.unit.pk]
            for row in self.rows
            if row.depth == level or (row.depth < level and self.own[row.unit.pk].counts_something)
        ]

    def row_of(self, unit_id: int) -> UnitRow:
        return next(row for row in self.rows if row.unit.pk == unit_id)


def completion_by_unit(
    *, scope: Scope, as_at: date, access: Access, root: Unit | None = None, structure_day: date | None = None
) -> CompletionReport:
    """Completion of every unit within reach with roll-up, as at the end of a day, in a constant number of queries.

    A participation belongs to the unit its learner sat in; staff are those posted on the day. Without ``structure_day``
    every unit has the figures of its own time, those that ended standing below the ones that took over their records; with
    it they are regrouped under the structure of that day. The totals are the same.
    """
    frame = Frame.of(access, root=root, structure_day=structure_day)
    enrolments = scope.enrolments(as_at=as_at).filter(frame.within("counted_in")).order_by()
    parts = conditions(as_at)
    own = enrolments.values("counted_in").annotate(
        total=Count("pk"),
        **{f"n_{part}": Count("pk", filter=condition) for part, condition in parts.items()},
    )
    # Counting distinct learners beside the sums would have the database sort every enrolment within its unit: that took
    # as long as all the sums. The pairs are a row per person, read as they come.
    places = enrolments.values_list("learner_id", "counted_in").distinct().order_by("learner_id")
    parents = frame.parents
    own_persons: Counter[int] = Counter()
    persons = distinct_people(
        parents, counting(frame.placed_people(places.iterator(chunk_size=10_000)), own_persons)
    )
    staff = (
        Posting.objects.on(as_at)
        .main()
        .filter(frame.within("unit"))
        .order_by()
        .values("unit")
        .annotate(n=Count("pk"))
    )
    # The count takes over the filter's join: certificates issued later are not counted.
    certified = (
        enrolments.filter(certificates__issued_at__lt=end_of(as_at))
        .values("counted_in")
        .annotate(n=Count("certificates"))
    )
    placed = frame.placed(
        own.values_list("counted_in", "total", *(f"n_{part}" for part in PARTS)),
        certified.values_list("counted_in", "n"),
        staff.values_list("unit", "n"),
        widths=(1 + len(PARTS), 1, 1),
    )
    totals = roll_up(parents, placed, width=3 + len(PARTS))
    with_children = set(parents.values())

    def row_of(unit: Unit, figures: Sequence[int], people: int) -> UnitRow:
        participations, *counted, certificates, posted = figures
        return UnitRow(
            unit=unit,
            depth=unit.depth - frame.top_depth,
            staff=posted,
            participations=participations,
            persons=people,
            certificates=certificates,
            has_children=unit.pk in with_children,
            **dict(zip(PARTS, counted, strict=True)),
        )

    shown = [unit for unit in frame.units if any(totals[unit.pk]) or not frame.is_bygone(unit)]
    rows = [row_of(unit, totals[unit.pk], persons[unit.pk]) for unit in shown]
    total = next((row for row in rows if row.unit.pk == WHOLE), None)
    rows = [row for row in rows if row is not total]
    tops = [row for row in rows if row.unit.parent_id in (None, WHOLE) or row.unit.parent_id not in parents]
    return CompletionReport(
        as_at=as_at,
        rows=rows,
        tops=tops,
        own={unit.pk: row_of(unit, placed[unit.pk], own_persons[unit.pk]) for unit in shown},
        total=tops[0] if len(tops) == 1 else total,
        above=frame.above,
    )


def counting(pairs: Iterable[tuple[int, int]], people: Counter[int]) -> Iterator[tuple[int, int]]:
    """The pairs of (person, unit), ordered by person; counts each person once in every unit as they pass."""
    before, met = None, set()
    for person, unit in pairs:
        if person != before:
            before, met = person, set()
        if unit not in met:
            met.add(unit)
            people[unit] += 1
        yield person, unit


def certificates_of(enrolments: QuerySet[Enrolment], *, as_at: date) -> QuerySet[Certificate]:
    """Certificates of these participations that had been issued by the end of the day."""
    return Certificate.objects.filter(enrolment__in=enrolments.values("pk"), issued_at__lt=end_of(as_at))


def names_behind(
    *,
    scope: Scope,
    as_at: date,
    access: Access,
    unit: Unit | None,
    figure: str,
    structure_day: date | None = None,
) -> QuerySet[Enrolment]:
    """The participations a figure of ``completion_by_unit`` counts; for "persons" one of each person's.

    "staff" counts postings, not participations: see ``staff_behind``.
    """
    if figure not in FIGURES or figure == "staff":
        raise ValueError(f"no participations stand behind {figure!r}")
    rows = scope.enrolments(as_at=as_at).filter(
        condition_of(access, unit=unit, structure_day=structure_day, field="counted_in")
    )
    if figure in PARTS:
        rows = rows.filter(conditions(as_at)[figure])
    elif figure == "certificates":
        rows = rows.filter(pk__in=certificates_of(rows, as_at=as_at).values("enrolment"))
    elif figure == "persons":
        rows = rows.filter(pk__in=rows.order_by().values("learner").annotate(first=Min("pk")).values("first"))
    return rows


def staff_behind(
    *, as_at: date, access: Access, unit: Unit | None, structure_day: date | None = None
) -> QuerySet[Posting]:
    """The main postings of the day that "staff" counts."""
    return (
        Posting.objects.on(as_at)
        .main()
        .filter(condition_of(access, unit=unit, structure_day=structure_day, field="unit"))
    )
