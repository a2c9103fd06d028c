"""How long a sign-in lasts, and ending those elsewhere."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.organisations.services import grant_role
from lms.users.services import update_person
from tests.factories.organisations import PASSWORD, make_person, make_unit

pytestmark = pytest.mark.django_db
PAGE = "courses:dashboard"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def learner(unit):
    return make_person(unit=unit)


@pytest.fixture
def administrator(unit):
    return make_person(unit=unit, roles=[Role.SCHOOL_ADMINISTRATOR])


def signed_in(person, **environment) -> Client:
    """Through the form, as a browser does."""
    client = Client(**environment)
    client.post("/tai-khoan/login/", {"login": person.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def age(client: Client, **moved: timedelta) -> None:
    """As if the session had begun, or been seen, so long ago."""
    session = client.session
    for name, by in moved.items():
        session[f"session_{name}"] -= by.total_seconds()
    session.save()


def is_let_in(client: Client) -> bool:
    return client.get(reverse(PAGE)).status_code == 200


def test_staff_are_signed_out_after_an_hour_without_activity_and_learners_after_half_a_day(
    learner, administrator
):
    learners, staff = signed_in(learner), signed_in(administrator)
    for client in (learners, staff):
        age(client, seen=timedelta(hours=1, minutes=1))
    assert is_let_in(learners)
    assert not is_let_in(staff)
    age(learners, seen=timedelta(hours=12, minutes=1))
    assert not is_let_in(learners)


def test_a_session_ends_after_its_whole_time_however_busy(learner, administrator):
    learners, staff = signed_in(learner), signed_in(administrator)
    age(staff, began=timedelta(hours=12, minutes=1))
    age(learners, began=timedelta(days=13))
    assert not is_let_in(staff)
    assert is_let_in(learners)


def test_activity_keeps_a_session(administrator):
    client = signed_in(administrator)
    for _ in range(3):
        age(client, seen=timedelta(minutes=50))
        assert is_let_in(client)


def test_a_role_given_during_a_session_shortens_it(learner, unit):
    client = signed_in(learner)
    grant_role(
        person=learner,
        role=Role.COORDINATOR,
        unit=unit,
        valid_from=timezone.localdate(),
        actor=None,
        now=timezone.now(),
    )
    age(client, seen=timedelta(minutes=10))
    assert is_let_in(client)  # noticed with the next sign of life
    age(client, seen=timedelta(hours=2))
    assert not is_let_in(client)


def test_who_was_signed_out_comes_back_to_the_page_that_was_asked_for(administrator):
    client = signed_in(administrator)
    age(client, seen=timedelta(hours=2))
    response = client.get(reverse("courses:runs"))
    assert response.url == f"{reverse(settings.LOGIN_URL)}?next={reverse('courses:runs')}"
    page = client.get(response.url)
    assert page.status_code == 200 and list(page.context["messages"])
    again = client.post(response.url, {"login": administrator.email, "password": PASSWORD})
    assert again.url == reverse("courses:runs")


def test_a_sign_of_life_is_written_down_every_few_minutes_and_not_with_every_request(learner):
    client = signed_in(learner)
    before = client.session["session_seen"]
    client.get(reverse(PAGE))
    assert client.session["session_seen"] == before
    age(client, seen=timedelta(minutes=6))
    client.get(reverse(PAGE))
    assert client.session["session_seen"] >= before


def test_one_sees_where_one_is_signed_in_and_signs_out_there(learner):
    here, there = signed_in(learner), signed_in(learner, HTTP_USER_AGENT=PHONE)
    page = here.get(reverse("account_sessions"))
    rows = page.context["rows"]
    assert len(rows) == 2
    other = next(row for row in rows if not row["is_current"])
    assert other["device"] == "Chrome, Android"
    here.post(reverse("account_end_session", args=[other["session"].pk]))
    assert not is_let_in(there)
    assert is_let_in(here)
    assert AuditEvent.objects.get(action="session.ended").data == {"sessions": 1}


def test_signing_out_everywhere_else_leaves_the_device_at_hand(learner):
    here, others = signed_in(learner), [signed_in(learner) for _ in range(3)]
    here.post(reverse("account_end_other_sessions"))
    assert is_let_in(here)
    assert not any(is_let_in(client) for client in others)


def test_nobody_ends_another_persons_session_nor_the_own_at_hand(learner, unit):
    here, stranger = signed_in(learner), signed_in(make_person(unit=unit))
    row = here.get(reverse("account_sessions")).context["rows"][0]
    address = reverse("account_end_session", args=[row["session"].pk])
    assert stranger.post(address).status_code == 404
    assert here.post(address).status_code == 404
    assert is_let_in(here)


def test_an_account_made_inactive_is_signed_out_everywhere_at_once(learner, administrator):
    clients = [signed_in(learner) for _ in range(2)]
    superuser = make_person(is_superuser=True, is_staff=True)
    update_person(person=learner, actor=superuser, now=timezone.now(), is_active=False)
    assert not any(is_let_in(client) for client in clients)
    record = signed_in(administrator).get(reverse("courses:person_record", args=[learner.pk]))
    assert record.status_code == 200  # nothing of the record is lost
