"""The obligation matrix: who should have completed what, by unit, with roll-up, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import CharField, Count, F, IntegerField, Q, QuerySet, Value

from courses.models import Requirement
from courses.obligation_rules import DONE, EXEMPT, STATES
from courses.obligations import Tree, audience_q, in_force, obligations
from lms.organisations.access import Access
from lms.organisations.models import Posting, Unit

from .frames import WHOLE, Frame, condition_of
from .rollup import roll_up

# More columns than this no reader takes in at once, and no page prints.
MOST_REQUIREMENTS = 40


@dataclass(frozen=True)
class Cell:
    """Obligations of one unit, its subtree included, by state. ``total`` is the sum of the states."""

    done: int = 0
    on_track: int = 0
    due_soon: int = 0
    overdue: int = 0
    exempt: int = 0
    joined_late: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, state) for state in STATES)

    @property
    def denominator(self) -> int:
        """Those who have to: the total less the exempt."""
        return self.total - self.exempt

    @property
    def rate(self) -> float | None:
        """Done out of those who have to, None where nobody has to."""
        return self.done / self.denominator if self.denominator else None


@dataclass(frozen=True)
class MatrixRow:
    """One unit: a cell for each requirement in the matrix's order, and ``whole``, their sum (lượt người).

    ``persons`` are the officials who have at least one obligation, each counted once.
    """

    unit: Unit
    depth: int
    cells: list[Cell]
    whole: Cell
    persons: int
    has_children: bool


@dataclass(frozen=True)
class Matrix:
    as_at: date
    requirements: list[Requirement]
    rows: list[MatrixRow]  # in tree order: every unit in reach that stands or has something to count
    total: MatrixRow | None
    above: list[Unit]

    def below_total(self) -> list[MatrixRow]:
        """What stands directly under the total, or the tops when they stand side by side."""
        if self.total is None:
            return []
        known = {row.unit.pk for row in self.rows}
        if self.total.unit.pk == WHOLE:
            return [row for row in self.rows if row.unit.parent_id not in known]
        return self.children_of(self.total)

    def children_of(self, row: MatrixRow) -> list[MatrixRow]:
        return [child for child in self.rows if child.unit.parent_id == row.unit.pk]


@dataclass(frozen=True)
class Question:
    """What a matrix, or a list behind it, is asked: the day, the people, the requirements (all in force when empty)."""

    as_at: date
    codes: tuple[str, ...] = ()
    structure_day: date | None = None
    people: Q = field(default_factory=Q)  # on postings

    def requirements(self) -> list[Requirement]:
        """One query and one for their units."""
        rows = in_force(self.as_at).select_related("course").prefetch_related("unit_links__unit")
        if self.codes:
            rows = rows.filter(code__in=self.codes)
        return list(rows[:MOST_REQUIREMENTS])


def obligation_matrix(*, question: Question, access: Access, root: Unit | None = None) -> Matrix:
    """Obligations of every unit within reach as at the end of a day; a parent is the sum of its children and itself.

    An official's obligations are counted where the main posting of the day lies, so nobody is in two units at once.
    """
    requirements = question.requirements()
    frame = Frame.of(access, root=root, structure_day=question.structure_day)
    tree = Tree.on(question.as_at)
    within = frame.within("unit") & question.people
    columns = {requirement.pk: index for index, requirement in enumerate(requirements)}
    width = len(requirements) * len(STATES)
    vectors = {unit.pk: [0] * (width + 1) for unit in frame.units}
    for requirement, unit, state, number in counted(requirements, tree, within, day=question.as_at):
        vector = vectors.get(frame.home_of(unit))
        if vector is not None:
            vector[columns[requirement] * len(STATES) + STATES.index(state)] += number
    for unit, number in persons_by_unit(requirements, tree, within, day=question.as_at):
        vector = vectors.get(frame.home_of(unit))
        if vector is not None:
            vector[width] += number
    parents = frame.parents
    totals = roll_up(parents, vectors, width=width + 1)
    with_children = set(parents.values())
    rows = []
    for unit in frame.units:
        *figures, persons = totals[unit.pk]
        if frame.is_bygone(unit) and not persons:
            continue
        cells = [Cell(*figures[start : start + len(STATES)]) for start in range(0, width, len(STATES))]
        rows.append(
            MatrixRow(
                unit=unit,
                depth=unit.depth - frame.top_depth,
                cells=cells,
                whole=summed(cells),
                persons=persons,
                has_children=unit.pk in with_children,
            )
        )
    total = next((row for row in rows if row.unit.pk == WHOLE), None)
    rows = [row for row in rows if row is not total]
    return Matrix(
        as_at=question.as_at,
        requirements=requirements,
        rows=rows,
        total=total or (rows[0] if rows else None),
        above=frame.above,
    )


def summed(cells: Sequence[Cell]) -> Cell:
    return Cell(**{state: sum(getattr(cell, state) for cell in cells) for state in STATES})


def counted(
    requirements: Sequence[Requirement], tree: Tree, within: Q, *, day: date
) -> QuerySet | list[tuple[int, int, str, int]]:
    """(requirement, unit, state, number), one query for all requirements."""
    parts = [
        obligations(requirement, day=day, tree=tree)
        .filter(within)
        .order_by()
        .annotate(requirement=Value(requirement.pk, output_field=IntegerField()))
        .values("requirement", "unit", "obligation")
        .annotate(n=Count("pk"))
        .values_list("requirement", "unit", "obligation", "n")
        for requirement in requirements
    ]
    return parts[0].union(*parts[1:], all=True) if parts else []


def persons_by_unit(
    requirements: Sequence[Requirement], tree: Tree, within: Q, *, day: date
) -> QuerySet | list[tuple[int, int]]:
    """(unit, officials with an obligation), one query."""
    if not requirements:
        return []
    conditions = [audience_q(requirement, tree) for requirement in requirements]
    rows = Posting.objects.main().on(day).filter(within).order_by()
    if all(conditions):  # an empty one concerns everybody
        rows = rows.filter(reduce(or_, conditions))
    return rows.values("unit").annotate(n=Count("person", distinct=True)).values_list("unit", "n")


PERSONS, TOTAL, TO_DO = "persons", "total", "to_do"
FIGURES = [*STATES, TOTAL]


def obligations_behind(
    *, question: Question, access: Access, unit: Unit | None, figure: str
) -> QuerySet | list[dict]:
    """The obligations a figure counts: dicts of posting, person, requirement, obligation, joined_on, name, path.

    ``figure`` is one of STATES, or "total". The columns "name" and "path" are there to sort by.
    """
    if figure not in FIGURES:
        raise ValueError(f"no obligations stand behind {figure!r}")
    within = question.people & condition_of(
        access, unit=unit, structure_day=question.structure_day, field="unit"
    )
    tree = Tree.on(question.as_at)
    parts = []
    for requirement in question.requirements():
        rows = obligations(requirement, day=question.as_at, tree=tree).filter(within).order_by()
        if figure != TOTAL:
            rows = rows.filter(obligation=figure)
        parts.append(
            rows.annotate(
                requirement=Value(requirement.pk, output_field=IntegerField()),
                code=Value(requirement.code, output_field=CharField()),
                name=F("person__name_key"),
                path=F("unit__path"),
            ).values("pk", "person", "requirement", "code", "obligation", "joined_on", "name", "path")
        )
    return parts[0].union(*parts[1:], all=True) if parts else []


__all__ = [
    "DONE",
    "EXEMPT",
    "FIGURES",
    "Cell",
    "Matrix",
    "MatrixRow",
    "Question",
    "obligation_matrix",
    "obligations_behind",
]
