"""Reading the trail: who did what from where, in words, by every filter, and out as a file that says who took it."""

import ast
import csv
import io
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from lms.core.audit_chain import seal_events, verify_chain
from lms.core.audit_words import known_actions
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.users.models import User
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["lms", "cms", "courses", "assessments", "certificates"]


@pytest.fixture
def school():
    return make_unit("Trường", code="TRUONG")


@pytest.fixture
def system_administrator(school):
    return make_person("Lê Thị An", unit=school, roles=[Role.SYSTEM_ADMINISTRATOR])


def read(client, **filters):
    return client.get(reverse("audit:index"), filters)


def shown(response) -> list[AuditEvent]:
    return list(response.context["object_list"])


@pytest.mark.django_db
def test_an_event_keeps_the_role_its_unit_and_the_address(client, system_administrator):
    client.force_login(system_administrator)
    client.post(
        reverse("wagtailusers_users:add"),
        {"email": "moi@bo.example", "last_name": "Trần", "first_name": "Mới", "is_active": "on"},
        REMOTE_ADDR="203.0.113.7",
    )
    event = AuditEvent.objects.get(
        action="person.created", object_id=User.objects.get(email="moi@bo.example").pk
    )
    assert (event.actor, event.actor_role, event.actor_unit, event.address) == (
        system_administrator,
        "system_administrator",
        "TRUONG",
        "203.0.113.7",
    )


@pytest.mark.django_db
def test_what_an_event_keeps_of_its_origin_is_in_the_chain(system_administrator, client):
    client.force_login(system_administrator)
    client.get(reverse("audit:index"), {"export": "csv"})
    seal_events(now=timezone.now())
    assert verify_chain(now=timezone.now()).holds
    event = AuditEvent.objects.get(action="audit.exported")
    event.address = "198.51.100.1"
    from lms.core.audit_chain import event_hash

    before = event.seal.sequence
    assert event_hash(event, before="0" * 64) != event_hash(
        AuditEvent.objects.get(pk=event.pk), before="0" * 64
    )
    assert before > 0


@pytest.mark.django_db
def test_the_trail_is_read_in_words(client, system_administrator):
    client.force_login(system_administrator)
    page = read(client).content.decode()
    assert "Giao vai trò" in page or "Role granted" in page
    event = AuditEvent.objects.filter(action="role.granted").latest("pk")
    inspected = client.get(reverse("audit:inspect", args=[event.pk])).content.decode()
    assert "role.granted" in inspected


@pytest.mark.django_db
def test_the_trail_is_found_by_person_action_record_and_time(client, system_administrator, school):
    other = make_unit("Vụ Pháp chế", code="VPC")
    client.force_login(system_administrator)
    assert {
        e.object_id for e in shown(read(client, object_type="organisations.unit", object_id=other.pk))
    } == {str(other.pk)}
    assert {e.action for e in shown(read(client, action="unit.created"))} == {"unit.created"}
    assert shown(read(client, who="le thi an")) == []  # nothing done by her yet
    client.get(reverse("audit:index"), {"export": "csv"})
    assert [e.action for e in shown(read(client, who="le thi an"))] == ["audit.exported"]
    assert shown(read(client, since="2015-01-01", until="2015-12-31")) == []


@pytest.mark.django_db
def test_a_filter_nobody_knows_shows_nothing_and_not_everything(client, system_administrator):
    client.force_login(system_administrator)
    assert shown(read(client, object_type="courses.khong_co", object_id="1")) == []
    assert shown(read(client))


@pytest.mark.django_db
def test_a_record_leads_to_its_history_in_one_click(client, school):
    administrator = make_person(unit=school, roles=[Role.SCHOOL_ADMINISTRATOR])
    run = make_run(course=make_course(modules=1, lessons=1))
    enrolment = make_enrolment(run=run)
    client.force_login(administrator)
    for address, record in [
        (reverse("courses:run", args=[run.code]), run),
        (reverse("courses:person_record", args=[enrolment.learner_id]), enrolment.learner),
        (reverse("reporting:explanation", args=[enrolment.pk]), enrolment),
    ]:
        link = f"{reverse('audit:index')}?object_type={record._meta.label_lower}&amp;object_id={record.pk}"
        assert link in client.get(address).content.decode(), address
    learner = make_person(unit=school)
    client.force_login(learner)
    assert reverse("audit:index") not in client.get(reverse("courses:record")).content.decode()


@pytest.mark.django_db
def test_the_export_holds_what_is_filtered_escapes_formulas_and_is_in_the_trail(client, system_administrator):
    make_unit("=CMD()", code="XAU")
    client.force_login(system_administrator)
    response = client.get(reverse("audit:index"), {"export": "csv", "action": "unit.created"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    labels = [row[list(row)[10]] for row in rows]
    assert "'=CMD()" in labels and all(not label.startswith("=") for label in labels)
    event = AuditEvent.objects.get(action="audit.exported")
    assert event.data == {"format": "csv", "filters": {"action": "unit.created"}}
    assert client.get(reverse("audit:index"), {"export": "xlsx"}).status_code == 200


@pytest.mark.django_db
def test_the_list_takes_the_same_queries_whatever_its_length(
    client, system_administrator, django_assert_max_num_queries
):
    for _ in range(60):
        make_unit()
    client.force_login(system_administrator)
    read(client)
    with django_assert_max_num_queries(16):
        assert len(shown(read(client))) == 50


def actions_in_source() -> set[str]:
    """Texts given as ``action=`` anywhere in the code, whole ones."""
    found = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    for keyword in node.keywords:
                        if keyword.arg == "action":
                            found |= {
                                part.value
                                for part in ast.walk(keyword.value)
                                if isinstance(part, ast.Constant)
                                and isinstance(part.value, str)
                                and "." in part.value.strip(".")
                            }
    return found


def test_every_action_has_its_words():
    actions = actions_in_source()
    assert len(actions) > 25
    assert actions - known_actions().keys() == set()
