"""Units, postings, roles and the audit trail in the CMS admin."""

import pytest
from django.urls import reverse
from django.utils import timezone

from lms.core.models import AuditEvent
from lms.organisations.models import Posting, Role, RoleGrant
from lms.users.models import User
from tests.factories.courses import make_home
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def superuser(client):
    user = User.objects.create_superuser("quan.tri@don-vi.example", first_name="Trị", last_name="Quản")
    client.force_login(user)
    return user


def last_action() -> str:
    return AuditEvent.objects.latest("pk").action


def test_a_role_is_granted_by_staff_code_and_ended(client, superuser):
    unit, person = make_unit(), make_person(staff_code="TR01")
    data = {"person": "tr01", "role": Role.COORDINATOR, "unit": unit.pk, "valid_from": TODAY.isoformat()}
    client.post(reverse("roles:add"), data)
    grant = RoleGrant.objects.get()
    assert (grant.person, grant.granted_by) == (person, superuser)
    assert client.get(reverse("roles:edit", args=[grant.pk])).status_code == 200
    client.post(reverse("roles:edit", args=[grant.pk]), {"valid_to": TODAY.isoformat()})
    grant.refresh_from_db()
    assert grant.valid_to == TODAY and last_action() == "role.ended"


def test_a_name_nobody_has_is_said_beside_the_field(client):
    data = {
        "person": "khong-co",
        "role": Role.TRAINER,
        "unit": make_unit().pk,
        "valid_from": TODAY.isoformat(),
    }
    response = client.post(reverse("roles:add"), data)
    assert "person" in response.context["form"].errors and not RoleGrant.objects.exists()


def test_an_official_is_posted_and_leaves(client):
    unit, person = make_unit(), make_person(email="an@don-vi.example")
    data = {
        "person": "an@don-vi.example",
        "unit": unit.pk,
        "position": "Chuyên viên",
        "valid_from": "2024-01-01",
    }
    client.post(reverse("postings:add"), data)
    posting = Posting.objects.get(person=person)
    client.post(reverse("postings:edit", args=[posting.pk]), {"valid_to": TODAY.isoformat()})
    posting.refresh_from_db()
    assert posting.valid_to == TODAY and last_action() == "posting.ended"


@pytest.mark.parametrize("name", ["postings", "roles", "audit"])
def test_lists_open_and_nothing_can_be_deleted(client, name):
    unit = make_unit()
    make_person(unit=unit, roles=[Role.TRAINER])
    assert client.get(reverse(f"{name}:index")).status_code == 200
    rows = {"postings": Posting, "roles": RoleGrant, "audit": AuditEvent}[name].objects
    before = rows.count()
    assert client.post(reverse(f"{name}:delete", args=[rows.first().pk])).status_code in (302, 403)
    assert rows.count() == before


@pytest.mark.parametrize("name", ["units", "postings", "roles", "audit"])
def test_lists_ask_a_constant_number_of_questions(client, name, django_assert_max_num_queries):
    parent = make_unit()
    for _ in range(15):
        make_person(unit=make_unit(parent=parent), roles=[Role.TRAINER])
    client.get(reverse(f"{name}:index"))
    with django_assert_max_num_queries(15):
        client.get(reverse(f"{name}:index"))


def test_the_audit_trail_is_read_and_not_written(client):
    make_unit("Vụ Pháp chế")
    event = AuditEvent.objects.first()
    assert "unit.created" in client.get(reverse("audit:index")).content.decode()
    assert client.get(reverse("audit:inspect", args=[event.pk])).status_code == 200
    for address in (reverse("audit:add"), reverse("audit:edit", args=[event.pk])):
        assert client.get(address).status_code in (302, 403)


def test_a_system_administrator_keeps_units_people_and_roles_and_reads_the_trail(client):
    person = make_person(unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR])
    client.force_login(person)
    for name in ("units", "postings", "roles", "audit", "wagtailusers_users"):
        assert client.get(reverse(f"{name}:index")).status_code == 200
    data = {"code": "VPC", "name": "Vụ Pháp chế", "unit_kind": "vu", "on": TODAY.isoformat()}
    assert client.post(reverse("units:add"), data).context["preview"].units


def test_a_system_administrator_has_no_pages_to_edit(client):
    person = make_person(unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR])
    client.force_login(person)
    home = make_home()
    assert client.get(reverse("wagtailadmin_pages:edit", args=[home.pk])).status_code in (302, 403)
    assert client.get(reverse("wagtailusers_groups:index")).status_code in (302, 403)


@pytest.mark.parametrize("role", [Role.TRAINER, Role.SCHOOL_ADMINISTRATOR, Role.COORDINATOR])
def test_nobody_else_comes_to_units_people_or_roles(client, role):
    client.force_login(make_person(unit=make_unit(), roles=[role]))
    for name in ("units", "staff_lists", "postings", "roles", "wagtailusers_users"):
        assert client.get(reverse(f"{name}:index")).status_code in (302, 403)


@pytest.mark.parametrize(("role", "status"), [(Role.TRAINER, 302), (Role.SCHOOL_ADMINISTRATOR, 200)])
def test_of_the_school_the_training_department_alone_reads_the_trail(client, role, status):
    client.force_login(make_person(unit=make_unit(), roles=[role]))
    assert client.get(reverse("audit:index")).status_code == status
