"""The same results read with the units of their time and under the structure of any day: one total, nobody twice."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.models import Enrolment
from lms.core.errors import DomainError
from lms.organisations.access import Access
from lms.organisations.models import Posting, Role, Unit, UnitEvent
from lms.organisations.services import (
    CannotUndo,
    Decision,
    NewUnit,
    dissolve_unit,
    found_unit,
    merge_units,
    move_unit,
    split_unit,
    transfer_part,
    undo_event,
)
from lms.organisations.structure import Structure
from lms.reporting.queries import FIGURES, Scope, completion_by_unit, names_behind, staff_behind
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
MERGER = date(2025, 3, 1)
BEFORE = MERGER - timedelta(days=1)
SAID = {"decision": Decision(), "actor": None, "now": NOW}
ALL = Access(grants=((Role.MINISTRY_READER, ""),))


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 9))


def report(**asked):
    return completion_by_unit(scope=Scope(), as_at=TODAY, **({"access": ALL} | asked))


def figures(row) -> dict:
    return {figure: getattr(row, figure) for figure in FIGURES}


@pytest.fixture
def merged():
    """A ministry with three departments; one graduate each; merged on the day into another ministry."""
    old = make_unit("Bộ Cũ", code="BC", kind="bo")
    departments = [make_unit(f"Vụ {n}", code=f"V{n}", parent=old) for n in (1, 2, 3)]
    run = make_run()
    for unit in departments:
        make_enrolment(
            run=run, learner=make_person(unit=unit), state=Enrolment.State.COMPLETED, now=moment(BEFORE)
        )
    away = make_unit("Bộ Khác", code="BK", kind="bo")
    move_unit(unit=departments[2], parent=away, on=MERGER, **SAID)
    merge_units(units=[departments[0]], into=departments[1], on=MERGER, **SAID)
    merge_units(units=[old], into=NewUnit(code="BM", name="Bộ Mới", kind="bo"), on=MERGER, **SAID)
    return old


@pytest.mark.django_db
def test_a_class_of_before_a_merger_is_read_under_both_structures(merged):
    own, then, now = report(), report(structure_day=BEFORE), report(structure_day=TODAY)
    assert figures(own.total) == figures(then.total) | {"staff": 3} == figures(now.total)
    assert {row.unit.code: row.completed for row in then.rows} == {
        "BC": 3,
        "V1": 1,
        "V2": 1,
        "V3": 1,
        "BK": 0,
    }
    assert {row.unit.code: row.completed for row in now.rows} == {"BM": 2, "V2": 2, "BK": 1, "V3": 1}
    # With the units of their time the department that is gone keeps its row, below the one that took it over.
    assert {row.unit.code: row.completed for row in own.rows} == {"BM": 2, "V2": 2, "V1": 1, "BK": 1, "V3": 1}


@pytest.mark.django_db
def test_every_figure_is_as_long_as_the_list_behind_it_under_any_structure(merged):
    for day in (None, BEFORE, TODAY, date(1990, 1, 1)):
        asked = report(structure_day=day)
        for row in [*asked.rows, asked.total]:
            unit = row.unit if row.unit.pk else None
            for figure in ("participations", "persons", "completed"):
                behind = names_behind(
                    scope=Scope(), as_at=TODAY, access=ALL, unit=unit, figure=figure, structure_day=day
                )
                assert behind.count() == getattr(row, figure), (day, row.unit, figure)
            staff = staff_behind(as_at=TODAY, access=ALL, unit=unit, structure_day=day)
            assert staff.count() == row.staff


@pytest.mark.django_db
def test_what_stood_nowhere_on_the_day_has_a_row_of_its_own(merged):
    asked = report(structure_day=date(1990, 1, 1))
    assert [(row.unit.pk, row.completed) for row in asked.rows] == [(-1, 3)]


@pytest.mark.django_db
def test_a_coordinator_reads_the_predecessors_of_the_own_unit_and_no_others(merged):
    unit = Unit.objects.get(code="V2")
    access = Access(grants=((Role.COORDINATOR, unit.path),))
    for day, codes in ((None, {"V1", "V2"}), (BEFORE, {"V1", "V2"}), (TODAY, {"V2"})):
        asked = report(access=access, structure_day=day)
        assert {row.unit.code for row in asked.rows} == codes and asked.total.completed == 2


@pytest.mark.django_db
def test_what_followed_its_learner_is_counted_as_at_a_day_where_it_was_then(merged):
    unit, other = Unit.objects.get(code="V2"), Unit.objects.get(code="V3")
    person = make_person(unit=unit)
    make_enrolment(learner=person, state=Enrolment.State.IN_PROGRESS, now=moment(MERGER))
    transfer_part(unit=unit, to=other, on=TODAY, people=[person.pk], **SAID)

    def participations(code: str, day: date) -> int:
        asked = completion_by_unit(scope=Scope(), as_at=day, access=ALL)
        return next(row.participations for row in asked.rows if row.unit.code == code)

    yesterday = TODAY - timedelta(days=1)
    assert (participations("V2", yesterday), participations("V3", yesterday)) == (3, 1)
    assert (participations("V2", TODAY), participations("V3", TODAY)) == (2, 2)


@pytest.mark.django_db
def test_the_page_and_its_files_regroup_and_say_so(client, merged):
    client.force_login(make_person(unit=make_unit(), roles=[Role.MINISTRY_READER]))
    page = client.get(reverse("reporting:completion"), {"structure": "2025-02-28", "cap": "tat-ca"})
    text = page.content.decode()
    assert "Bộ Cũ" in text and "Bộ Mới" not in text and "28/02/2025" in text
    page = client.get(reverse("reporting:completion"), {"structure": "2025-03-01", "don-vi": "BM"})
    assert page.context["total"].completed == 2
    names = client.get(
        reverse("reporting:names"), {"structure": "2025-03-01", "don-vi": "BM", "so-lieu": "completed"}
    )
    assert len(names.context["page_obj"].object_list) == 2
    for extension in ("xlsx", "csv", "pdf"):
        file = client.get(reverse("reporting:completion_file", args=[extension]), {"structure": "2025-02-28"})
        assert file.status_code == 200 and len(file.content) > 200


@pytest.mark.django_db
def test_regrouping_costs_the_same_queries_whatever_the_size(merged, django_assert_max_num_queries):
    for _ in range(20):
        make_enrolment(learner=make_person(unit=make_unit(parent=Unit.objects.get(code="BM"))))
    with django_assert_max_num_queries(10):
        report(structure_day=BEFORE)


STEP = st.tuples(
    st.sampled_from(["found", "move", "merge", "merge anew", "split", "transfer", "dissolve", "complete"]),
    st.integers(0, 1000),
    st.integers(0, 1000),
)


class TotalsAgreeOverRandomHistories(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.run_ = make_run(course=make_course(modules=1, lessons=1))

    @settings(max_examples=30)
    @given(st.lists(STEP, min_size=3, max_size=14), st.integers(0, 14))
    def test_totals_agree_and_nobody_is_counted_twice(self, steps, chosen_day):
        begin = TODAY - timedelta(days=30)
        top = make_unit("Bộ", kind="bo")
        for _ in range(3):
            make_person(unit=make_unit(parent=top))
        trees, events = [], []
        for number, (what, one, two) in enumerate(steps):
            day = begin + timedelta(days=number)
            before = Structure.on(TODAY).parents
            event = self.do(what, one, two, day, top)
            if event is not None:
                trees.append(before)
                events.append(event)
        self.check(begin + timedelta(days=chosen_day))
        undone = self.undo(events)
        self.check(begin)
        # What was founded and has been studied in since stays; whatever came after it has been taken back.
        assert Structure.on(TODAY).parents == [*trees, Structure.on(TODAY).parents][len(trees) - undone]

    def undo(self, events: list[UnitEvent]) -> int:
        """Newest first, as far as nothing stands on them; gives how many."""
        for number, event in enumerate(reversed(events)):
            try:
                undo_event(event=event, actor=None, now=NOW)
            except CannotUndo:
                return number
        return len(events)

    def do(self, what, one, two, day, top) -> UnitEvent | None:
        units = list(Unit.objects.existing().exclude(pk=top.pk).order_by("pk"))
        code = f"{what}-{day:%m%d}"
        said = SAID | {"on": day}
        if not units or what == "found":
            return found_unit(new=NewUnit(code=code, name=code, kind="vu"), parent=top, **said)
        unit, other = units[one % len(units)], units[two % len(units)]
        people = list(
            Posting.objects.on(day).filter(unit=unit).values_list("person", flat=True)[: 1 + two % 2]
        )
        parts = [NewUnit(code=f"{code}-{n}", name=code, kind="vu") for n in "ab"]
        try:
            match what:
                case "move":
                    return move_unit(unit=unit, parent=other, **said)
                case "merge":
                    return merge_units(units=[unit], into=other, **said)
                case "merge anew":
                    pair = [unit] if unit == other else [unit, other]
                    return merge_units(units=pair, into=parts[0], parent=top, **said)
                case "split":
                    return split_unit(unit=unit, parts=parts, people={parts[1].code: people}, **said)
                case "transfer":
                    return transfer_part(unit=unit, to=other, people=people, **said)
                case "dissolve":
                    return dissolve_unit(unit=unit, people_to=other, **said)
        except DomainError:
            return None
        for posting in Posting.objects.on(day).filter(unit=unit).select_related("person"):
            if not Enrolment.objects.filter(learner=posting.person).exists():
                make_enrolment(
                    run=self.run_,
                    learner=posting.person,
                    unit=unit,
                    state=Enrolment.State.COMPLETED,
                    now=moment(day),
                )
        return None

    def check(self, day: date) -> None:
        whole = Enrolment.objects.count()
        for structure in (None, day, TODAY):
            asked = report(structure_day=structure)
            assert asked.total.participations == asked.total.persons == whole
            assert sum(row.participations for row in asked.tops) == whole
            for row in asked.rows:
                below = asked.children_of(row)
                assert sum(child.participations for child in below) <= row.participations
