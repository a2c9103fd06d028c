"""Units, postings and roles: who may write them, what they leave behind."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations import role_groups
from lms.organisations.models import Posting, Role, RoleGrant, UnitKind
from lms.organisations.services import (
    AlreadyEnded,
    Decision,
    EndBeforeBeginning,
    NothingChanges,
    RoleAlreadyHeld,
    VersionNotLater,
    create_unit,
    end_posting,
    end_role,
    grant_role,
    post_official,
    rename_unit,
    sync_role_groups,
)
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def groups(monkeypatch):
    monkeypatch.setattr(role_groups, "_group_names", {Role.TRAINER: "Những người dạy"})


def last_action() -> str:
    return AuditEvent.objects.latest("pk").action


def give(person, role=Role.TRAINER, unit=None, *, valid_from=TODAY, actor=None):
    return grant_role(
        person=person, role=role, unit=unit or make_unit(), valid_from=valid_from, actor=actor, now=NOW
    )


def rename(unit, name, *, kind="", on=TODAY):
    return rename_unit(
        unit=unit, name=name, name_en="", kind=kind or unit.kind, code=unit.code, on=on,
        decision=Decision(), actor=None, now=NOW,
    )  # fmt: skip


def test_a_unit_takes_the_place_after_its_last_sibling():
    parent = make_unit()
    paths = [make_unit(parent=parent).path for _ in range(3)]
    assert paths == [parent.path + ordinal for ordinal in ("0001", "0002", "0003")]


def test_a_new_unit_has_its_first_version_and_its_audit_event():
    unit = make_unit("Cục Việc làm")
    version = unit.versions.get()
    assert (version.name, version.valid_to) == ("Cục Việc làm", None)
    assert last_action() == "unit.created"


def test_a_name_typed_in_decomposed_letters_is_stored_composed():
    assert make_unit("Cu\u0323c Viê\u0323c làm").name == "Cục Việc làm"


def test_only_a_system_administrator_makes_units():
    actor = make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])
    with pytest.raises(NotAllowed):
        create_unit(
            code="X", name="X", kind=UnitKind.OFFICE, parent=None, valid_from=TODAY, actor=actor, now=NOW
        )


def test_a_renamed_unit_keeps_its_earlier_name_for_earlier_days():
    unit = make_unit("Cục Quản lý lao động ngoài nước")
    rename(unit, "Cục Lao động", kind=UnitKind.AGENCY)
    unit.refresh_from_db()
    first, second = unit.versions.order_by("valid_from")
    assert unit.name == second.name == "Cục Lao động"
    assert (first.name, first.valid_to, second.valid_from) == (
        "Cục Quản lý lao động ngoài nước",
        TODAY,
        TODAY,
    )
    assert list(AuditEvent.objects.values_list("action", flat=True)[:2]) == [
        "structure.changed",
        "unit.changed",
    ]


def test_a_unit_does_not_change_its_name_before_the_day_it_takes_effect():
    unit = make_unit()
    for day in (TODAY + timedelta(days=1), date(1990, 1, 1)):
        with pytest.raises(VersionNotLater):
            rename(unit, "Khác", on=day)


def test_a_change_that_changes_nothing_leaves_no_trace():
    unit = make_unit("Thanh tra Bộ")
    events = AuditEvent.objects.count()
    with pytest.raises(NothingChanges):
        rename(unit, "Thanh  tra Bộ ")
    assert unit.versions.count() == 1 and AuditEvent.objects.count() == events


def test_a_new_main_posting_ends_the_one_before_on_its_first_day():
    person, unit = make_person(unit=make_unit()), make_unit()
    post_official(person=person, unit=unit, valid_from=TODAY, actor=None, now=NOW)
    assert [posting.unit for posting in Posting.objects.on(TODAY).main().filter(person=person)] == [unit]
    yesterday = Posting.objects.on(TODAY - timedelta(days=1)).main().filter(person=person)
    assert [posting.unit == unit for posting in yesterday] == [False]


def test_a_posting_ends_once_and_not_before_it_began():
    posting = make_person(unit=make_unit()).postings.get()
    with pytest.raises(EndBeforeBeginning):
        end_posting(posting=posting, valid_to=date(1990, 1, 1), actor=None, now=NOW)
    end_posting(posting=posting, valid_to=TODAY, actor=None, now=NOW)
    assert last_action() == "posting.ended"
    with pytest.raises(AlreadyEnded):
        end_posting(posting=posting, valid_to=TODAY, actor=None, now=NOW)


def test_a_role_brings_its_group_and_its_end_takes_it_away(groups):
    person = make_person()
    grant = give(person)
    assert [group.name for group in person.groups.all()] == ["Những người dạy"]
    end_role(grant=grant, valid_to=TODAY, actor=None, now=NOW)
    assert not person.groups.exists()
    assert last_action() == "role.ended"


def test_a_role_held_twice_keeps_its_group_until_the_last_one_ends(groups):
    person = make_person()
    first, _second = give(person), give(person)
    end_role(grant=first, valid_to=TODAY, actor=None, now=NOW)
    assert person.groups.count() == 1


def test_a_role_of_tomorrow_brings_its_group_tomorrow(groups):
    person = make_person()
    give(person, valid_from=TODAY + timedelta(days=1))
    assert not person.groups.exists()
    sync_role_groups(on=TODAY + timedelta(days=1))
    assert person.groups.count() == 1


def test_groups_follow_the_dates_of_grants_and_a_second_run_changes_nothing(groups):
    person = make_person()
    grant = give(person)
    end_role(grant=grant, valid_to=TODAY + timedelta(days=5), actor=None, now=NOW)
    assert person.groups.count() == 1
    for _ in range(2):
        sync_role_groups(on=TODAY + timedelta(days=5))
        assert not person.groups.exists()


def test_groups_nobody_registered_are_left_alone(groups):
    person = make_person()
    person.groups.add(Group.objects.create(name="Ban biên tập"))
    end_role(grant=give(person), valid_to=TODAY, actor=None, now=NOW)
    assert [group.name for group in person.groups.all()] == ["Ban biên tập"]


def test_no_role_makes_a_superuser(groups):
    person = make_person()
    for role in Role.values:
        give(person, role)
    person.refresh_from_db()
    assert not person.is_superuser


def test_the_same_role_on_the_same_unit_is_granted_once():
    person, unit = make_person(), make_unit()
    give(person, unit=unit)
    with pytest.raises(RoleAlreadyHeld):
        give(person, unit=unit)
    assert RoleGrant.objects.count() == 1


def test_only_a_system_administrator_grants_and_ends_roles():
    unit = make_unit()
    administrator = make_person(unit=unit, roles=[Role.SYSTEM_ADMINISTRATOR])
    coordinator = make_person(unit=unit, roles=[Role.COORDINATOR])
    with pytest.raises(NotAllowed):
        give(coordinator, Role.SCHOOL_ADMINISTRATOR, unit, actor=coordinator)
    grant = give(coordinator, Role.TRAINER, unit, actor=administrator)
    assert grant.granted_by == administrator
    with pytest.raises(NotAllowed):
        end_role(grant=grant, valid_to=TODAY, actor=coordinator, now=NOW)


def test_a_role_ends_once_and_not_before_it_began():
    grant = give(make_person())
    with pytest.raises(EndBeforeBeginning):
        end_role(grant=grant, valid_to=TODAY - timedelta(days=1), actor=None, now=NOW)
    end_role(grant=grant, valid_to=TODAY, actor=None, now=NOW)
    with pytest.raises(AlreadyEnded):
        end_role(grant=grant, valid_to=TODAY, actor=None, now=NOW)
