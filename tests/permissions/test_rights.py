"""Every address has a row in the table of rights, and every cell of the table holds."""

import importlib
from collections import Counter

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from lms.celery import app as celery_app

from .addresses import public_names
from .table import CLOCK, PEOPLE, SIGN_IN, TASKS, Row, people
from .world import build_world

ROOMS = ["courses", "assessments", "certificates", "reporting", "organisations", "core", "cms", "users"]
# Pages and documents are served by Wagtail; what a lesson page shows to whom is tested in tests/courses, how documents
# are given out in tests/cms/test_files.py.
PAGE_SERVING = {
    "wagtaildocs_serve",
    "wagtail_serve",
    "wagtaildocs_authenticate_with_password",
    "wagtailcore_authenticate_with_password",
    "wagtailcore_login",
}


def all_rows() -> list[Row]:
    rows = []
    for room in ROOMS:
        try:
            module = importlib.import_module(f"tests.{room}.permission_rows")
        except ModuleNotFoundError as missing:
            if missing.name not in {f"tests.{room}", f"tests.{room}.permission_rows"}:
                raise
            continue
        rows += module.ROWS
    return rows


ROWS = all_rows()


def without_a_row(urlconf: str | None = None) -> set[str]:
    return public_names(urlconf) - PAGE_SERVING - {row.name for row in ROWS}


def test_every_address_has_a_row_in_the_table_of_rights():
    assert without_a_row() == set()


def test_no_row_speaks_of_an_address_that_is_gone():
    assert {row.name for row in ROWS} - public_names() == set()


def test_rows_can_be_told_apart():
    repeated = [name for name, count in Counter(str(row) for row in ROWS).items() if count > 1]
    assert repeated == []


class _UndoCell(Exception):
    pass


def asked_by_everyone(row: Row, world) -> dict[str, int | str]:
    """What each person gets at the row's address."""
    kwargs = row.kwargs(world) if callable(row.kwargs) else row.kwargs
    data = row.data(world) if callable(row.data) else row.data
    url = reverse(row.name, kwargs=kwargs) + row.query
    found = {}
    for person in PEOPLE:
        client = Client()
        if person != "anonymous":
            user = get_user_model().objects.get(pk=getattr(world, person).pk)
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        for value in data.values():
            if hasattr(value, "seek"):
                value.seek(0)  # a file that the one before has sent
        try:
            with transaction.atomic():
                response = getattr(client, row.method)(url, data=data)
                to_sign_in = response.status_code == 302 and response.url.startswith(
                    reverse(settings.LOGIN_URL)
                )
                found[person] = SIGN_IN if to_sign_in else response.status_code
                raise _UndoCell
        except _UndoCell:
            pass
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_person_gets_what_the_table_says(row: Row):
    assert set(row.expect) == set(PEOPLE)
    assert asked_by_everyone(row, build_world()) == row.expect


LEAKING = "tests.permissions.leaking_urls"


def test_a_new_address_without_a_row_is_noticed():
    assert without_a_row(LEAKING) == {"leaking_unit"}


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=LEAKING)
def test_a_view_that_shows_another_units_staff_is_noticed():
    row = Row(
        "leaking_unit",
        people(404, coordinator=200, administrator=200, leader=200, reader=200),
        kwargs=lambda world: {"code": world.unit_a1.code},
    )
    found = asked_by_everyone(row, build_world())
    assert found != row.expect
    assert {person for person in PEOPLE if found[person] != row.expect[person]} == {
        "learner",
        "other_learner",
        "trainer",
        "other_trainer",
        "other_coordinator",
        "system_administrator",
    }


def test_every_background_task_is_in_the_table():
    celery_app.loader.import_default_modules()
    ours = {name for name in celery_app.tasks if not name.startswith("celery.")}
    assert ours == TASKS.keys()


def test_tasks_of_the_clock_take_nothing_from_anybody():
    """What the clock starts works on what the database holds; nobody's request is an argument."""
    by_clock = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert by_clock == {name for name, starter in TASKS.items() if starter == CLOCK}
    assert [e for e in celery_app.conf.beat_schedule.values() if e.get("args") or e.get("kwargs")] == []
