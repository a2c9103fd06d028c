"""Where a second step is required, whoever holds a role gets nowhere without it: at no address of either table."""

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from lms.users.second_factor import OPEN, SET_UP

from .addresses import admin_arguments
from .admin_rows import ADMIN_ROWS
from .test_admin_rights import address, admin_world
from .test_rights import ROWS

pytestmark = pytest.mark.django_db
STAFF = ["trainer", "coordinator", "administrator", "leader", "reader", "system_administrator"]


class _Undo(Exception):
    pass


def asked_of(world, person: str) -> dict[str, bool]:
    """For each address of both tables: is the person led away to set up a second step?"""
    wanted = admin_arguments()
    to_set_up = reverse("mfa_index")
    asked = {}
    addresses = [
        (row.name, "get", lambda row=row: address(row.name, wanted[row.name], world)) for row in ADMIN_ROWS
    ]
    addresses += [
        (
            row.name,
            row.method,
            lambda row=row: (
                reverse(row.name, kwargs=row.kwargs(world) if callable(row.kwargs) else row.kwargs)
                + row.query
            ),
        )
        for row in ROWS
    ]
    for name, method, url_of in addresses:
        client = Client()
        client.force_login(getattr(world, person), backend=settings.AUTHENTICATION_BACKENDS[0])
        try:
            with transaction.atomic():
                response = getattr(client, method)(url_of())
                led = response.status_code == 302 and response.url == to_set_up
                asked[name] = asked.get(name, True) and led
                raise _Undo
        except _Undo:
            pass
    return asked


@pytest.mark.parametrize("person", STAFF)
def test_staff_get_nowhere_without_a_second_step(person, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    asked = asked_of(admin_world(), person)
    assert len(asked) > 300
    # The list of passkeys is a part of the page they are led to.
    open_to_all = (OPEN | SET_UP) - {"mfa_list_webauthn"}
    assert {name for name, led in asked.items() if not led} == open_to_all & asked.keys()


def test_learners_are_not_led_there(settings):
    settings.REQUIRE_SECOND_FACTOR = True
    asked = asked_of(admin_world(), "learner")
    assert {name for name, led in asked.items() if led} == {"mfa_list_webauthn"}
