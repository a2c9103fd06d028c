"""Every address has a row in the table of rights, and every cell of the table holds."""

import importlib
from collections import Counter

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from .table import PEOPLE, SIGN_IN, Row
from .world import build_world

ROOMS = ["courses", "assessments", "certificates", "reporting", "organisations", "core", "cms", "users"]
# The CMS's own addresses are checked as one: see test_the_cms_admin_lets_nobody_in_without_a_grant.
CMS_PREFIXES = ("quan-tri/",)
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


def all_url_names() -> set[str]:
    names: set[str] = set()

    def walk(patterns, namespace: str, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if route.startswith(CMS_PREFIXES):
                continue
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                walk(pattern.url_patterns, inner, route)
            elif isinstance(pattern, URLPattern):
                names.add(f"{namespace}{pattern.name}" if pattern.name else f"unnamed {route}")

    walk(get_resolver().url_patterns, "", "")
    return names - PAGE_SERVING


ROWS = all_rows()


def test_every_address_has_a_row_in_the_table_of_rights():
    assert all_url_names() - {row.name for row in ROWS} == set()


def test_no_row_speaks_of_an_address_that_is_gone():
    assert {row.name for row in ROWS} - all_url_names() == set()


def test_rows_can_be_told_apart():
    repeated = [name for name, count in Counter(str(row) for row in ROWS).items() if count > 1]
    assert repeated == []


class _UndoCell(Exception):
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_person_gets_what_the_table_says(row: Row):
    assert set(row.expect) == set(PEOPLE)
    world = build_world()
    kwargs = row.kwargs(world) if callable(row.kwargs) else row.kwargs
    data = row.data(world) if callable(row.data) else row.data
    url = reverse(row.name, kwargs=kwargs) + row.query
    found = {}
    for person in PEOPLE:
        client = Client()
        if person != "anonymous":
            user = get_user_model().objects.get(pk=getattr(world, person).pk)
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
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
    assert found == row.expect


@pytest.mark.django_db
def test_the_cms_admin_lets_nobody_in_without_a_grant():
    world = build_world()
    for person in ["anonymous", "learner", "coordinator", "reader"]:
        client = Client()
        if person != "anonymous":
            client.force_login(getattr(world, person), backend=settings.AUTHENTICATION_BACKENDS[0])
        for path in [
            "/quan-tri/",
            "/quan-tri/pages/",
            "/quan-tri/images/",
            "/quan-tri/users/",
            "/quan-tri/reports/locked/",
        ]:
            response = client.get(path)
            assert response.status_code in (302, 403), (person, path, response.status_code)
            assert b"wagtail-sidebar" not in response.content
