"""Units are founded, renamed, moved, merged, split and dissolved: what goes along, what stays, what can be undone."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from courses.models import Enrolment, EnrolmentMove
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.access import access_for
from lms.organisations.models import Posting, Role, Unit, UnitEvent
from lms.organisations.services import (
    CannotUndo,
    Decision,
    MovesIntoItself,
    NewUnit,
    NotInThisUnit,
    PostedLater,
    UnitNotStanding,
    VersionNotLater,
    dissolve_unit,
    end_posting,
    follow_postings,
    found_unit,
    merge_units,
    move_unit,
    post_official,
    rename_unit,
    split_unit,
    transfer_part,
    undo_event,
)
from lms.organisations.structure import Structure, homes_on
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
MERGER = date(2025, 3, 1)
BEFORE, AFTER = MERGER - timedelta(days=1), MERGER + timedelta(days=1)
ORDER = Decision(number="25/2025/NĐ-CP", day=date(2025, 2, 21))
SAID = {"decision": ORDER, "actor": None, "now": NOW}


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 9))


def merge(units, into, *, on=MERGER, **more):
    return merge_units(units=units, into=into, on=on, **SAID, **more)


def seats(person, *, on=TODAY) -> list[Unit]:
    return [posting.unit for posting in Posting.objects.on(on).filter(person=person).select_related("unit")]


def shape(structure: Structure) -> dict:
    return {pk: (unit.name, unit.code, unit.kind, unit.parent_id) for pk, unit in structure.units.items()}


@pytest.fixture
def ministry():
    return make_unit("Bộ A", kind="bo")


@pytest.fixture
def family(ministry):
    """Two departments of the ministry; the first has a section below it."""
    first, second = make_unit("Vụ Một", parent=ministry), make_unit("Vụ Hai", parent=ministry)
    return first, second, make_unit("Phòng Một", parent=first)


def test_the_tree_of_a_day_is_the_tree_of_that_day(ministry, family):
    first, second, section = family
    move_unit(unit=section, parent=second, on=MERGER, **SAID)
    rename_unit(unit=section, name="Phòng Mới", name_en="", kind="bo_phan", code="PM", on=MERGER, **SAID)
    before, after = Structure.on(BEFORE), Structure.on(MERGER)
    assert [unit.name for unit in before.subtree(first.pk)] == ["Vụ Một", "Phòng Một"]
    assert [unit.name for unit in after.subtree(second.pk)] == ["Vụ Hai", "Phòng Mới"]
    assert [unit.pk for unit in after.ancestors(section.pk)] == [ministry.pk, second.pk]
    section.refresh_from_db()
    assert (section.name, section.code, section.parent) == ("Phòng Mới", "PM", second)
    assert section.path.startswith(Unit.objects.get(pk=second.pk).path)


@pytest.mark.parametrize("depth", [2, 12])
def test_the_tree_of_a_day_takes_one_query_whatever_its_depth(django_assert_num_queries, depth):
    unit = None
    for _ in range(depth):
        unit = make_unit(parent=unit)
    with django_assert_num_queries(1):
        structure = Structure.on(TODAY)
    assert len(structure.ancestors(unit.pk)) == depth - 1
    with django_assert_num_queries(2):
        homes_on(TODAY)


def test_a_merger_takes_people_units_below_and_records_along(ministry, family):
    first, second, section = family
    official, head = make_person(unit=first), make_person(unit=section)
    event = merge([first], second)
    assert seats(official) == [second] and seats(official, on=BEFORE) == [first]
    assert seats(head) == [section]
    first.refresh_from_db()
    section.refresh_from_db()
    assert first.ended_on == MERGER and section.parent == second
    assert first.path.startswith(second.path) and section.path.startswith(second.path)
    assert homes_on(TODAY)[first.pk] == second.pk and homes_on(BEFORE)[first.pk] == first.pk
    assert set(event.units.all()) == {first, second, section}
    assert AuditEvent.objects.filter(action="structure.changed", object_id=str(event.pk)).exists()
    assert not Unit.objects.existing().filter(pk=first.pk).exists()


def test_a_merger_into_a_new_unit_founds_it(ministry, family):
    first, second, _section = family
    merge([first, second], NewUnit(code="VM", name="Vụ Mới", kind="vu"), parent=ministry)
    new = Unit.objects.get(code="VM")
    assert new.parent == ministry
    homes = homes_on(BEFORE)
    assert homes_on(TODAY)[first.pk] == homes_on(TODAY)[second.pk] == new.pk
    # Under the structure of before, what the new unit did is read with the first it was made of.
    assert homes[new.pk] == first.pk


def test_open_participations_follow_and_completed_ones_stay(family):
    first, second, _section = family
    run, learner, graduate = make_run(), make_person(unit=first), make_person(unit=first)
    late = make_person(unit=first)
    studying = make_enrolment(run=run, learner=learner, state=Enrolment.State.IN_PROGRESS)
    done = make_enrolment(run=run, learner=graduate, state=Enrolment.State.COMPLETED, now=moment(BEFORE))
    done_after = make_enrolment(run=run, learner=late, state=Enrolment.State.COMPLETED, now=moment(AFTER))
    merge([first], second)
    units = dict(Enrolment.objects.values_list("pk", "unit"))
    assert units == {studying.pk: second.pk, done.pk: first.pk, done_after.pk: second.pk}
    move = EnrolmentMove.objects.get(enrolment=studying)
    assert (move.from_unit, move.to_unit, move.on) == (first, second, MERGER)


def test_the_old_coordinators_view_ends_on_the_day_and_the_heirs_begins(ministry, family):
    first, second, _section = family
    old = make_person(unit=first, roles=[Role.COORDINATOR])
    new = make_person(unit=second, roles=[Role.COORDINATOR])
    enrolment = make_enrolment(learner=make_person(unit=first), state=Enrolment.State.IN_PROGRESS)
    done = make_enrolment(
        learner=make_person(unit=first), state=Enrolment.State.COMPLETED, now=moment(BEFORE)
    )
    merge([first], second)
    assert not access_for(old, on=TODAY).roles and access_for(old, on=BEFORE).roles == {Role.COORDINATOR}
    assert set(Enrolment.objects.visible_to(new)) == {enrolment, done}
    assert not Enrolment.objects.visible_to(old).exists()


def test_a_split_gives_each_part_its_people_and_units(ministry, family):
    first, _second, section = family
    stays, goes = make_person(unit=first), make_person(unit=first)
    split_unit(
        unit=first,
        parts=[NewUnit(code="A", name="Vụ A", kind="vu"), NewUnit(code="B", name="Vụ B", kind="vu")],
        on=MERGER, people={"B": [goes.pk]}, children={"B": [section]}, **SAID,
    )  # fmt: skip
    part_a, part_b = Unit.objects.get(code="A"), Unit.objects.get(code="B")
    assert (seats(stays), seats(goes)) == ([part_a], [part_b])
    section.refresh_from_db()
    assert section.parent == part_b and part_a.parent == ministry
    assert homes_on(TODAY)[first.pk] == part_a.pk
    assert homes_on(BEFORE)[part_b.pk] == first.pk


def test_a_transfer_of_a_part_leaves_the_unit_with_its_records(family):
    first, second, section = family
    stays, goes = make_person(unit=first), make_person(unit=first)
    transfer_part(unit=first, to=second, on=MERGER, people=[goes.pk], children=[section], **SAID)
    first.refresh_from_db()
    assert first.ended_on is None and homes_on(TODAY)[first.pk] == first.pk
    assert (seats(stays), seats(goes)) == ([first], [second])
    assert Unit.objects.get(pk=section.pk).parent == second


def test_only_people_of_the_unit_are_transferred(family):
    first, second, _section = family
    stranger = make_person("Lê Thị Lạ", unit=second)
    with pytest.raises(NotInThisUnit, match="Lê Thị Lạ"):
        transfer_part(unit=first, to=second, on=MERGER, people=[stranger.pk], **SAID)


def test_a_dissolved_unit_hands_its_people_on_or_lets_them_go(ministry, family):
    first, second, section = family
    official, other = make_person(unit=first), make_person(unit=second)
    dissolve_unit(unit=first, people_to=second, on=MERGER, **SAID)
    assert seats(official) == [second] and Unit.objects.get(pk=section.pk).parent == ministry
    dissolve_unit(unit=second, on=AFTER, **SAID)
    assert seats(other) == [] and homes_on(TODAY)[second.pk] == ministry.pk


def test_a_change_is_not_entered_ahead_of_its_day_nor_before_the_last(family):
    first, second, _section = family
    with pytest.raises(VersionNotLater):
        merge([first], second, on=TODAY + timedelta(days=1))
    move_unit(unit=first, parent=None, on=MERGER, **SAID)
    with pytest.raises(VersionNotLater, match="Vụ Một"):
        rename_unit(unit=first, name="X", name_en="", kind="vu", code="X", on=BEFORE, **SAID)


def test_a_unit_does_not_come_below_itself(family):
    first, _second, section = family
    for impossible in (
        lambda: move_unit(unit=first, parent=section, on=MERGER, **SAID),
        lambda: merge([first], section),
        lambda: merge([first], first),
    ):
        with pytest.raises(MovesIntoItself):
            impossible()


def test_what_has_ended_takes_nobody_in(family):
    first, second, _section = family
    merge([first], second)
    with pytest.raises(UnitNotStanding):
        merge([second], first, on=TODAY)
    with pytest.raises(UnitNotStanding):
        post_official(
            person=make_person(), unit=Unit.objects.get(pk=first.pk), valid_from=TODAY, actor=None, now=NOW
        )


def test_people_posted_after_the_day_are_named_and_nothing_is_changed(family):
    first, second, _section = family
    late = make_person("Phạm Văn Muộn")
    post_official(person=late, unit=first, valid_from=AFTER, actor=None, now=NOW)
    with pytest.raises(PostedLater, match="Phạm Văn Muộn"):
        merge([first], second)
    assert not UnitEvent.objects.exists() and Unit.objects.existing().filter(pk=first.pk).exists()


def test_undoing_puts_back_people_units_roles_and_participations(ministry, family):
    first, second, section = family
    coordinator = make_person(unit=first, roles=[Role.COORDINATOR])
    enrolment = make_enrolment(learner=make_person(unit=first), state=Enrolment.State.IN_PROGRESS)
    before = shape(Structure.on(TODAY))
    event = merge([first, section], NewUnit(code="VM", name="Vụ Mới", kind="vu"), parent=ministry)
    assert shape(Structure.on(TODAY)) != before
    undo_event(event=event, actor=None, now=NOW)
    assert shape(Structure.on(TODAY)) == before
    enrolment.refresh_from_db()
    first.refresh_from_db()
    section.refresh_from_db()
    assert enrolment.unit == first and not EnrolmentMove.objects.exists()
    assert seats(coordinator) == [first]
    assert access_for(coordinator, on=TODAY).roles == {Role.COORDINATOR}
    assert (first.ended_on, first.parent, section.parent) == (None, ministry, first)
    assert section.path.startswith(first.path) and not Unit.objects.filter(code="VM").exists()
    with pytest.raises(CannotUndo):
        undo_event(event=event, actor=None, now=NOW)


def test_undoing_waits_for_what_was_done_later(family):
    first, second, _section = family
    official = make_person(unit=first)
    event = merge([first], second)
    later = rename_unit(unit=second, name="Vụ Hai mới", name_en="", kind="vu", code="V2", on=AFTER, **SAID)
    with pytest.raises(CannotUndo):
        undo_event(event=event, actor=None, now=NOW)
    undo_event(event=later, actor=None, now=NOW)
    post_official(person=official, unit=make_unit(), valid_from=TODAY, actor=None, now=NOW)
    with pytest.raises(CannotUndo):
        undo_event(event=event, actor=None, now=NOW)
    assert Unit.objects.get(pk=first.pk).ended_on == MERGER


def test_a_new_unit_in_use_is_not_undone(ministry):
    event = found_unit(new=NewUnit(code="N", name="Vụ Mới", kind="vu"), parent=ministry, on=MERGER, **SAID)
    make_person(unit=Unit.objects.get(code="N"))
    with pytest.raises(CannotUndo):
        undo_event(event=event, actor=None, now=NOW)


def test_only_the_system_administrator_changes_the_structure(ministry, family):
    actor = make_person(unit=ministry, roles=[Role.SCHOOL_ADMINISTRATOR])
    with pytest.raises(NotAllowed):
        merge_units(units=[family[0]], into=family[1], on=MERGER, decision=ORDER, actor=actor, now=NOW)


def test_a_transfer_entered_ahead_takes_participations_along_on_its_day(family):
    first, second, _section = family
    person = make_person(unit=first)
    enrolment = make_enrolment(learner=person, state=Enrolment.State.IN_PROGRESS)
    tomorrow = TODAY + timedelta(days=1)
    post_official(person=person, unit=second, valid_from=tomorrow, actor=None, now=NOW)
    enrolment.refresh_from_db()
    assert enrolment.unit == first and follow_postings(now=NOW) == 0
    assert follow_postings(now=NOW + timedelta(days=1)) == 1
    enrolment.refresh_from_db()
    assert enrolment.unit == second and follow_postings(now=NOW + timedelta(days=1)) == 0


def test_a_secondary_posting_stands_beside_the_main_one_and_moves_nothing(family):
    first, second, _section = family
    person = make_person(unit=first)
    enrolment = make_enrolment(learner=person, state=Enrolment.State.IN_PROGRESS)
    post_official(person=person, unit=second, valid_from=MERGER, is_main=False, actor=None, now=NOW)
    assert set(seats(person)) == {first, second}
    enrolment.refresh_from_db()
    assert enrolment.unit == first
    end_posting(posting=person.postings.get(is_main=False), valid_to=TODAY, actor=None, now=NOW)
    assert seats(person) == [first]
