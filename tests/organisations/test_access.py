"""What roles let people see: scoping by subtree and by date."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lms.organisations.access import NO_ACCESS, Access, access_for
from lms.organisations.models import Role, RoleGrant, Unit
from tests.factories.organisations import make_person, make_unit

TODAY = date(2025, 6, 2)


def grant(person, role, unit, valid_from=date(2020, 1, 1), valid_to=None):
    return RoleGrant.objects.create(
        person=person, role=role, unit=unit, valid_from=valid_from, valid_to=valid_to
    )


@pytest.mark.django_db
def test_a_coordinator_reads_the_own_unit_and_what_lies_below_it():
    ministry = make_unit("Bộ")
    own, sibling = make_unit("Vụ A", parent=ministry), make_unit("Vụ B", parent=ministry)
    below = make_unit("Phòng A1", parent=own)
    person = make_person(unit=own)
    grant(person, Role.COORDINATOR, own)
    access = access_for(person, on=TODAY)
    assert set(Unit.objects.filter(access.units_q())) == {own, below}
    assert access.covers(below) and access.coordinates(below)
    assert not access.covers(sibling) and not access.covers(ministry)


@pytest.mark.django_db
def test_a_path_that_begins_alike_is_not_a_subtree():
    ministry = make_unit("Bộ")
    children = [make_unit(f"Vụ {n}", parent=ministry) for n in range(11)]
    assert children[0].path == ministry.path + "0001" and children[10].path == ministry.path + "0011"
    person = make_person()
    grant(person, Role.COORDINATOR, children[0])
    assert list(Unit.objects.filter(access_for(person, on=TODAY).units_q())) == [children[0]]


@pytest.mark.django_db
def test_several_grants_add_up():
    ministry = make_unit("Bộ")
    units = [make_unit(f"Vụ {n}", parent=ministry) for n in range(3)]
    person = make_person()
    grant(person, Role.COORDINATOR, units[0])
    grant(person, Role.COORDINATOR, units[2])
    assert set(Unit.objects.filter(access_for(person, on=TODAY).units_q())) == {units[0], units[2]}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.SCHOOL_ADMINISTRATOR, Role.SCHOOL_LEADER, Role.MINISTRY_READER])
def test_whoever_works_for_training_as_a_whole_reads_all_units(role):
    ministry = make_unit("Bộ")
    make_unit("Vụ", parent=ministry)
    person = make_person()
    grant(person, role, ministry)
    assert Unit.objects.filter(access_for(person, on=TODAY).units_q()).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.TRAINER, Role.SYSTEM_ADMINISTRATOR])
def test_trainers_and_system_administrators_read_no_unit(role):
    unit = make_unit("Bộ")
    person = make_person()
    grant(person, role, unit)
    assert not Unit.objects.filter(access_for(person, on=TODAY).units_q()).exists()


@pytest.mark.django_db
def test_a_grant_holds_from_its_first_day_up_to_the_day_before_its_end():
    unit = make_unit("Vụ")
    person = make_person()
    grant(person, Role.COORDINATOR, unit, valid_from=TODAY, valid_to=TODAY + timedelta(days=10))
    held = {
        days: access_for(person, on=TODAY + timedelta(days=days)).has(Role.COORDINATOR)
        for days in (-1, 0, 9, 10)
    }
    assert held == {-1: False, 0: True, 9: True, 10: False}


def test_who_is_not_signed_in_has_no_access():
    from django.contrib.auth.models import AnonymousUser

    assert access_for(AnonymousUser()) is NO_ACCESS


@pytest.mark.django_db
def test_access_is_asked_of_the_database_once_in_a_request(django_assert_num_queries):
    person = make_person()
    with django_assert_num_queries(1):
        access_for(person, on=TODAY)
        access_for(person, on=TODAY)


# A tree as parents: the n-th unit lies below the unit at position parents[n-1], always an earlier one.
trees = st.integers(min_value=1, max_value=12).flatmap(
    lambda size: st.tuples(*(st.integers(min_value=-1, max_value=n - 1) for n in range(1, size)))
)


class UnitsConditionEqualsAWalkOfTheTree(TestCase):
    """Prefix matches are quick; this is the slow walk they must agree with."""

    @settings(max_examples=40)
    @given(parents=trees, data=st.data())
    def test_units_of_any_grants_in_any_tree(self, parents, data):
        units = [make_unit()]
        for parent in parents:
            units.append(make_unit(parent=units[parent] if parent >= 0 else None))
        granted = data.draw(st.sets(st.sampled_from(range(len(units)))))
        access = Access(grants=tuple((Role.COORDINATOR, units[index].path) for index in sorted(granted)))

        def is_below_a_granted_one(unit: Unit | None) -> bool:
            while unit is not None:
                if any(unit.pk == units[index].pk for index in granted):
                    return True
                unit = unit.parent
            return False

        expected = {unit.pk for unit in units if is_below_a_granted_one(unit)}
        assert set(Unit.objects.filter(access.units_q()).values_list("pk", flat=True)) == expected
        assert {unit.pk for unit in units if access.covers(unit)} == expected
