"""People's records in the CMS admin."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.users.models import User
from lms.users.services import create_person, update_person
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
RECORD = {
    "email": "Hoa.LT@don-vi.example",
    "last_name": "Lê Thị",
    "first_name": "Hoa",
    "staff_code": "VP009",
    "gender": "nu",
    "birth_date": "1985-03-02",
    "is_active": "on",
}


@pytest.fixture
def superuser(client):
    user = User.objects.create_superuser("quan.tri@don-vi.example", first_name="Trị", last_name="Quản")
    client.force_login(user)
    return user


def url(name: str, *args) -> str:
    return reverse(f"wagtailusers_users:{name}", args=args)


def test_a_person_is_entered_found_and_changed(client, superuser):
    assert client.get(url("add")).status_code == 200
    client.post(url("add"), RECORD)
    person = User.objects.get(staff_code="VP009")
    assert person.get_full_name() == "Lê Thị Hoa" and not person.has_usable_password()
    assert AuditEvent.objects.latest("pk").action == "person.created"

    assert "Lê Thị Hoa" in client.get(url("index") + "?q=le hoa").content.decode()
    assert client.get(url("edit", person.pk)).status_code == 200
    client.post(url("edit", person.pk), RECORD | {"last_name": "Lê Thị Thu"})
    person.refresh_from_db()
    assert person.get_full_name() == "Lê Thị Thu Hoa"
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.data) == ("person.changed", {"fields": ["last_name"]})


def test_an_e_mail_that_is_taken_is_said_in_the_form(client, superuser):
    make_person(unit=make_unit(), email="hoa.lt@don-vi.example")
    response = client.post(url("add"), RECORD)
    assert response.status_code == 200 and response.context["form"].errors
    assert not User.objects.filter(staff_code="VP009").exists()


def test_nobody_is_made_a_superuser_or_given_groups_or_passwords_by_a_form(client, superuser):
    client.post(url("add"), RECORD | {"is_superuser": "on", "password1": "x" * 12, "password2": "x" * 12})
    person = User.objects.get(staff_code="VP009")
    client.post(url("edit", person.pk), RECORD | {"is_superuser": "on"})
    person.refresh_from_db()
    assert not person.is_superuser and not person.has_usable_password()
    fields = client.get(url("edit", person.pk)).context["form"].fields
    assert not {"is_superuser", "groups", "password1"} & set(fields)


def test_nobody_is_deleted_and_nobody_makes_oneself_inactive(client, superuser):
    person = make_person(unit=make_unit())
    assert client.post(url("delete", person.pk)).status_code in (302, 403)
    assert User.objects.filter(pk=person.pk).exists()
    assert "is_active" not in client.get(url("edit", superuser.pk)).context["form"].fields


def test_people_stand_in_vietnamese_order_of_names(client, superuser):
    for name in ("Trần Văn Ước", "Nguyễn Thị Đào", "Lê Văn Dũng"):
        make_person(name)
    people = client.get(url("index")).context["object_list"]
    assert [person.first_name for person in people] == ["Dũng", "Đào", "Trị", "Ước"]


def test_without_the_right_a_service_refuses():
    actor, person = make_person(unit=make_unit()), make_person()
    with pytest.raises(NotAllowed):
        create_person(email="a@b.example", last_name="A", first_name="B", actor=actor, now=timezone.now())
    with pytest.raises(NotAllowed):
        update_person(person=person, first_name="Khác", actor=actor, now=timezone.now())
    actor.user_permissions.add(
        Permission.objects.get(codename="change_user", content_type__app_label="users")
    )
    actor = User.objects.get(pk=actor.pk)
    assert (
        update_person(person=person, first_name="Khác", actor=actor, now=timezone.now()).first_name == "Khác"
    )
    with pytest.raises(TypeError):
        update_person(person=person, is_superuser=True, actor=actor, now=timezone.now())
