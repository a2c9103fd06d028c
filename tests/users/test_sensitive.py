"""Sensitive particulars: off by default, by permission, every reading in the trail, in no export."""

import pytest
from django.contrib.auth.models import Permission
from django.test import override_settings
from django.urls import reverse

from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.users.models import SensitiveRecord
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
ON = override_settings(SENSITIVE_FIELDS=["ethnicity", "party_member"])


@pytest.fixture
def unit():
    return make_unit("Vụ Pháp chế", code="VPC")


@pytest.fixture
def person(unit):
    person = make_person("H'Len Niê", unit=unit)
    SensitiveRecord.objects.create(person=person, ethnicity="Ê Đê", party_member=True)
    return person


def officer(unit, *rights: str):
    """A system administrator to whom the rights were given by hand."""
    officer = make_person("Lê Thị An", unit=unit, roles=[Role.SYSTEM_ADMINISTRATOR])
    officer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return officer


def address(person) -> str:
    return reverse("sensitive_particulars", args=[person.pk])


def test_there_is_no_such_page_unless_the_installation_keeps_them(client, unit, person):
    client.force_login(officer(unit, "read_sensitive", "change_sensitive"))
    assert client.get(address(person)).status_code == 404


@ON
def test_no_role_brings_the_right_with_it(client, unit, person):
    for role in Role:
        client.force_login(make_person(unit=unit, roles=[role]))
        response = client.get(address(person))
        assert response.status_code in (302, 403)
        assert "Ê Đê" not in response.content.decode()
    assert not AuditEvent.objects.filter(action="person.sensitive_read").exists()


@ON
def test_every_reading_is_in_the_trail_with_the_fields_and_without_what_they_say(client, unit, person):
    reader = officer(unit, "read_sensitive")
    client.force_login(reader)
    assert "Ê Đê" in client.get(address(person)).content.decode()
    event = AuditEvent.objects.get(action="person.sensitive_read")
    assert (event.actor, event.object_id) == (reader, str(person.pk))
    assert event.data == {"fields": ["ethnicity", "party_member"]}


@ON
def test_a_change_needs_its_own_right_and_is_recorded_without_values(client, unit, person):
    client.force_login(officer(unit, "read_sensitive"))
    client.post(address(person), {"ethnicity": "Kinh", "party_member": "false"})
    assert SensitiveRecord.objects.get().ethnicity == "Ê Đê"
    client.force_login(officer(unit, "read_sensitive", "change_sensitive"))
    client.post(address(person), {"ethnicity": "Ê Đê", "party_member": "false"})
    assert SensitiveRecord.objects.get().party_member is False
    event = AuditEvent.objects.get(action="person.sensitive_changed")
    assert event.data == {"fields": ["party_member"]}


@override_settings(SENSITIVE_FIELDS=["ethnicity"])
def test_a_field_that_is_not_kept_is_neither_shown_nor_taken(client, unit, person):
    client.force_login(officer(unit, "read_sensitive", "change_sensitive"))
    assert list(client.get(address(person)).context["form"].fields) == ["ethnicity"]
    client.post(address(person), {"ethnicity": "Kinh", "party_member": "false"})
    kept = SensitiveRecord.objects.get()
    assert (kept.ethnicity, kept.party_member) == ("Kinh", True)


@ON
def test_no_list_and_no_export_of_staff_holds_them(client, unit, person):
    client.force_login(make_person(unit=unit, roles=[Role.COORDINATOR]))
    for page in ("courses:unit_staff", "courses:unit_staff_export"):
        content = client.get(reverse(page, args=[unit.code])).content
        assert "Ê Đê".encode() not in content
    assert "Ê Đê" not in client.get(reverse("courses:person_record", args=[person.pk])).content.decode()
