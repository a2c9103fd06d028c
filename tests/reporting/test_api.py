"""The API of other systems: JSON over GET, with a token, of one subtree."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from courses.models import Enrolment
from courses.obligation_rules import STATES
from lms.api import api_schema
from lms.core.audit import record_event
from lms.core.audit_chain import seal_events
from lms.core.models import AuditEvent
from lms.reporting.models import ApiToken, TokenScope
from lms.reporting.queries import FIGURES
from lms.reporting.services import create_token, hash_of
from tests.factories.certificates import make_certificate
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person
from tests.factories.requirements import require
from tests.permissions.world import build_world

pytestmark = pytest.mark.django_db
LISTS = ["units", "people", "results", "runs", "certificates"]
FIGURE_ENDPOINTS = ["completion", "obligations"]
ENDPOINTS = [*LISTS, "result_changes", *FIGURE_ENDPOINTS]


@pytest.fixture
def world():
    world = build_world()
    make_enrolment(run=world.run, learner=world.other_learner, state=Enrolment.State.COMPLETED)
    return world


@pytest.fixture
def ask(client, world):
    """ask(name, unit=…, …) reads an endpoint with a token made for it."""

    def asking(name, *, unit=None, scopes=TokenScope.values, headers=None, secret=None, **query):
        secret = secret or token_for(world, unit=unit, scopes=scopes)[1]
        return client.get(
            reverse(f"api:{name}"), query, headers={"Authorization": f"Bearer {secret}", **(headers or {})}
        )

    return asking


def token_for(world, *, unit=None, scopes=TokenScope.values, days=1):
    return create_token(
        name="Nền tảng dữ liệu",
        unit=unit,
        scopes=scopes,
        expires_on=timezone.localdate() + timedelta(days=days),
        actor=world.system_administrator,
        now=timezone.now(),
    )


def refused(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    return response.json()


def touch(enrolment):
    record_event(actor=None, action="enrolment.completed", target=enrolment, now=timezone.now())
    seal_events(now=timezone.now())


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_token_reads_what_it_was_made_for_and_nothing_else(ask, name):
    scope = "results" if name == "result_changes" else name
    assert ask(name, scopes=[scope]).status_code == 200
    refused(ask(name, scopes=[other for other in TokenScope.values if other != scope]), 403)


def test_a_token_of_one_unit_sees_its_subtree_and_nobody_else(ask, world):
    make_certificate(enrolment=world.enrolment)
    inside = ask("results", unit=world.unit_a).json()["results"]
    assert [row["id"] for row in inside] == [world.enrolment.pk]
    assert inside[0]["unit_code"] == "A1"
    assert {row["code"] for row in ask("units", unit=world.unit_a).json()["results"]} == {"A", "A1"}
    assert {row["unit_code"] for row in ask("people", unit=world.unit_a).json()["results"]} == {"A", "A1"}
    for unit, code in ((world.unit_a, "A1"), (world.unit_b, "B")):
        assert [row["unit_code"] for row in ask("certificates", unit=unit).json()["results"]] == [code]
    assert len(ask("results").json()["results"]) == 2


def test_a_token_of_one_unit_sees_the_classes_its_people_take_part_in(ask, world):
    other = make_run(course=world.course)
    make_enrolment(run=other, learner=world.other_learner, state=Enrolment.State.ENROLLED)
    codes = [row["code"] for row in ask("runs", unit=world.unit_a).json()["results"]]
    assert codes == [world.run.code]
    assert len(ask("runs").json()["results"]) == 2


def test_nothing_sensitive_is_in_any_answer(ask, world):
    make_certificate(enrolment=world.enrolment)
    for name in ENDPOINTS:
        words = ask(name).content.decode()
        assert not [key for key in ("email", "birth", "gender", "ethnicity", "party", "@") if key in words]


@pytest.mark.parametrize("of_unit", [True, False])
def test_completion_says_the_figures_of_the_page(client, ask, world, of_unit):
    answer = ask("completion", unit=world.unit_a if of_unit else None).json()
    client.force_login(world.coordinator if of_unit else world.reader)
    report = client.get(reverse("reporting:completion")).context["report"]
    assert report.rows and report.total.participations == (1 if of_unit else 2)
    figures = [*FIGURES, "denominator", "rate"]
    said = [(row["unit_code"], *(row[figure] for figure in figures)) for row in answer["rows"]]
    assert said == [(row.unit.code, *(getattr(row, figure) for figure in figures)) for row in report.rows]


@pytest.mark.parametrize("of_unit", [True, False])
def test_obligations_say_the_figures_of_the_page(client, ask, world, of_unit):
    require(code="YC-A", actor=world.administrator, units=[world.unit_a])
    require(code="YC-B", actor=world.administrator, due_in=-3)
    answer = ask("obligations", unit=world.unit_a if of_unit else None).json()
    client.force_login(world.coordinator if of_unit else world.reader)
    matrix = client.get(reverse("reporting:matrix")).context["matrix"]
    assert [one["code"] for one in answer["requirements"]] == [one.code for one in matrix.requirements]
    assert matrix.total.whole.overdue and matrix.total.whole.on_track
    said = [
        (row["unit_code"], row["persons"], [[cell[state] for state in STATES] for cell in row["cells"]])
        for row in answer["rows"]
    ]
    assert said == [
        (row.unit.code, row.persons, [[getattr(cell, state) for state in STATES] for cell in row.cells])
        for row in matrix.rows
    ]
    one = ask("obligations", requirement="YC-A").json()
    assert [requirement["code"] for requirement in one["requirements"]] == ["YC-A"]


def test_completion_of_a_unit_out_of_reach_is_not_found(client, world):
    _token, secret = token_for(world, unit=world.unit_a)
    for code, status in (("A1", 200), ("B", 404), ("ROOT", 404)):
        response = client.get(
            reverse("api:completion"), {"unit": code}, headers={"Authorization": f"Bearer {secret}"}
        )
        assert response.status_code == status


def test_a_change_is_handed_on_once_and_never_of_somebody_out_of_reach(ask, world):
    touch(world.enrolment)
    touch(Enrolment.objects.get(learner=world.other_learner))
    first = ask("result_changes", unit=world.unit_a).json()
    assert [row["id"] for row in first["results"]] == [world.enrolment.pk]
    again = ask("result_changes", unit=world.unit_a, since=first["next_since"]).json()
    assert again == {"next_since": first["next_since"], "more": False, "results": []}
    touch(world.enrolment)
    later = ask("result_changes", unit=world.unit_a, since=first["next_since"]).json()
    assert [row["id"] for row in later["results"]] == [world.enrolment.pk]


def test_changes_come_in_pieces_until_there_are_no_more(ask, world):
    for _ in range(3):
        touch(world.enrolment)
    since, pieces = 0, 0
    while True:
        answer = ask("result_changes", since=since, page_size=1).json()
        assert answer["next_since"] > since
        since, pieces = answer["next_since"], pieces + 1
        if not answer["more"]:
            break
    assert pieces >= 3


def test_pages_follow_each_other_without_gap_or_double(client, ask, world):
    secret = token_for(world)[1]
    answer, seen = ask("people", secret=secret, page_size=3).json(), []
    seen += answer["results"]
    while answer["next"]:
        answer = client.get(answer["next"], headers={"Authorization": f"Bearer {secret}"}).json()
        seen += answer["results"]
    assert seen == ask("people", secret=secret).json()["results"]
    assert len(seen) > 6


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_has_not_changed_is_not_sent_again(ask, world, name):
    secret = token_for(world)[1]
    first = ask(name, secret=secret)
    again = ask(name, secret=secret, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(name, secret=secret, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_number_of_queries_does_not_grow(ask, world, name, django_assert_max_num_queries):
    secret = token_for(world)[1]
    ask(name, secret=secret)  # the day of the last use is written once
    for _ in range(8):
        person = make_person(unit=world.unit_a1)
        touch(make_enrolment(run=make_run(course=world.course), learner=person, state="in_progress"))
    with django_assert_max_num_queries(9 if name in FIGURE_ENDPOINTS else 3):
        assert ask(name, secret=secret).status_code == 200


@pytest.mark.parametrize("name", ENDPOINTS)
def test_only_reading_is_answered(client, world, name):
    headers = {"Authorization": f"Bearer {token_for(world)[1]}"}
    for method in (client.post, client.put, client.patch, client.delete, client.options):
        refused(method(reverse(f"api:{name}"), headers=headers), 405)
    assert client.head(reverse(f"api:{name}"), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("results", "cursor", "khong-phai"),
        ("results", "cursor", "cD1hYmM="),
        ("units", "page_size", "501"),
        ("units", "page_size", "0"),
        ("people", "page_size", "nhiều"),
        ("runs", "la", "1"),
        ("result_changes", "since", "-1"),
        ("result_changes", "since", "9" * 30),
        ("completion", "as_at", "31/12/2026"),
        ("completion", "run", "KHONG-CO"),
        ("completion", "course", "KHONG-CO"),
        ("obligations", "requirement", "KHONG-CO"),
    ],
)
def test_a_wrong_parameter_is_named(ask, name, parameter, value):
    assert list(refused(ask(name, **{parameter: value}), 400)["parameters"]) == [parameter]


def test_without_a_token_that_holds_nobody_reads(client, ask, world):
    refused(client.get(reverse("api:units")), 401)
    response = ask("units", secret="bds_khong-co")
    assert response["WWW-Authenticate"].startswith("Bearer")
    refused(response, 401)
    token, secret = token_for(world)
    for change in (
        {"revoked_at": timezone.now()},
        {"revoked_at": None, "expires_on": timezone.localdate() - timedelta(days=1)},
    ):
        ApiToken.objects.filter(pk=token.pk).update(**change)
        refused(ask("units", secret=secret), 401)


def test_a_session_opens_nothing_and_the_answer_sets_no_cookie(client, ask, world):
    client.force_login(world.administrator)
    refused(client.get(reverse("api:units")), 401)
    client.logout()
    assert not ask("units").cookies


def test_who_asks_too_often_waits_and_others_do_not(ask, world, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    secret = token_for(world)[1]
    for _ in range(4):  # a minute may turn in between
        response = ask("units", secret=secret)
        if response.status_code == 429:
            break
    ask("units", secret=secret)
    response = ask("units", secret=secret)
    if response.status_code != 429:
        response = ask("units", secret=secret)
    refused(response, 429)
    assert 0 < int(response["Retry-After"]) <= 60
    assert ask("units").status_code == 200


def test_the_schema_is_valid_and_names_every_endpoint(client):
    schema = client.get(reverse("api:schema")).json()
    validate_schema(schema)
    assert set(schema["paths"]) == {reverse(f"api:{name}") for name in ENDPOINTS}
    assert {"get"} == {method for operations in schema["paths"].values() for method in operations}


def test_the_schema_is_made_without_a_warning():
    GENERATOR_STATS.reset()
    api_schema.__wrapped__()
    assert not GENERATOR_STATS


def test_the_description_shows_every_endpoint_with_its_parameters(client):
    words = client.get(reverse("api:documentation")).content.decode()
    for name in ENDPOINTS:
        assert f"GET {reverse(f'api:{name}')}<" in words
    assert "page_size" in words and "next_since" in words and "staff_code" in words


def test_a_token_is_shown_once_and_only_its_hash_is_kept(client, world):
    client.force_login(world.system_administrator)
    answer = client.post(
        reverse("reporting:token_new"),
        {"name": "Nền tảng dữ liệu", "unit": "A", "scopes": ["units"], "expires_on": "2999-12-31"},
    )
    token, secret = ApiToken.objects.get(), answer.context["secret"]
    assert secret in answer.content.decode() and "no-store" in answer["Cache-Control"]
    assert token.secret_hash == hash_of(secret) and token.unit == world.unit_a
    assert secret not in client.get(reverse("reporting:tokens")).content.decode()
    assert secret not in str(AuditEvent.objects.filter(action="api_token.created").values())


@pytest.mark.parametrize(
    "wrong", [{"unit": "KHONG-CO"}, {"expires_on": "2001-01-01"}, {"scopes": []}, {"name": ""}]
)
def test_a_token_that_makes_no_sense_is_not_made(client, world, wrong):
    client.force_login(world.system_administrator)
    data = {"name": "Hệ thống", "unit": "A", "scopes": ["units"], "expires_on": "2999-12-31", **wrong}
    assert client.post(reverse("reporting:token_new"), data).status_code == 200
    assert not ApiToken.objects.exists()


def test_revoking_asks_first_and_is_in_the_trail(client, ask, world):
    token, secret = token_for(world)
    client.force_login(world.system_administrator)
    address = reverse("reporting:token_revoke", args=[token.pk])
    assert client.get(address).status_code == 200
    assert ask("units", secret=secret).status_code == 200
    assert ApiToken.objects.get().last_used_on == timezone.localdate()
    client.post(address)
    client.post(address)  # the second changes nothing
    refused(ask("units", secret=secret), 401)
    assert AuditEvent.objects.filter(action="api_token.revoked").count() == 1


def test_the_list_of_tokens_asks_the_same_however_many_there_are(
    client, world, django_assert_max_num_queries
):
    for _ in range(12):
        token_for(world, unit=world.unit_a)
    client.force_login(world.system_administrator)
    client.get(reverse("reporting:tokens"))
    with django_assert_max_num_queries(14):
        client.get(reverse("reporting:tokens"))
