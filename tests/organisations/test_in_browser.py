"""Records, sessions and the office of units in a real browser, on phone and desktop."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from lms.organisations.models import Role
from lms.users.models import User
from tests.assessments.live import LiveSite, live_site
from tests.browser import DESKTOP, PHONE, assert_sound, visitors
from tests.factories.courses import enter_training, make_course, make_enrolment, make_run
from tests.factories.organisations import PASSWORD, make_person, make_unit

from .test_staff_import import csv_file

pytestmark = pytest.mark.browser
PATIENCE = 90_000  # milliseconds; the worker starts meanwhile


def build() -> dict:
    unit = make_unit("Vụ Pháp chế", code="VPC")
    make_unit("Cục Việc làm", code="CVL")
    coordinator = make_person("Lê Văn Đầu", unit=unit, roles=[Role.COORDINATOR])
    learner = make_person("Trần Thị Mai", unit=unit)
    make_enrolment(run=make_run(course=make_course(modules=1, lessons=1)), learner=learner)
    training = enter_training(learner, actor=coordinator)
    office = make_person("Lê Thị An", unit=unit, roles=[Role.SYSTEM_ADMINISTRATOR])
    return {
        "office": office.email,
        "pages": [
            (
                coordinator.email,
                [
                    reverse("courses:person_record", args=[learner.pk]),
                    reverse("courses:external_add", args=[learner.pk]),
                    reverse("courses:external_trainings"),
                    reverse("courses:external_training", args=[training.pk]),
                ],
            ),
            (learner.email, [reverse("courses:record"), reverse("account_sessions")]),
        ],
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build, worker=True) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def visit(browser, live: LiveSite) -> Iterator[Callable[[str | None, dict], Page]]:
    with visitors(browser, live.url, password=PASSWORD) as enter:
        yield enter


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_of_records_have_no_axe_faults_and_do_not_overflow(visit, live: LiveSite, viewport):
    for email, addresses in live.world["pages"]:
        assert_sound(visit(email, viewport), addresses)


def test_a_staff_list_comes_in_on_screen_from_the_file_to_the_people(
    visit, live: LiveSite, unblocked, tmp_path: Path
):
    page = visit(live.world["office"], DESKTOP)
    page.goto(reverse("staff_lists:index"))
    page.set_input_files("[name=list]", csv_file(tmp_path / "can-bo.csv"))
    page.locator(".org-form button[type=submit]").click()
    expect(page.get_by_label("Họ và tên")).to_have_value("name")
    page.locator(".org-form button[type=submit]").click()
    # The page waits for the worker and shows by itself what came of it.
    expect(page.locator(".org-figures")).to_contain_text("3", timeout=PATIENCE)
    with live.database():
        assert not User.objects.filter(staff_code="CB001").exists()
    page.locator("form[action$='/load/'] button").click()
    expect(page.locator("form[action$='/invite/'] button")).to_be_visible(timeout=PATIENCE)
    with live.database():
        assert User.objects.filter(staff_code__in=["CB001", "CB002", "CB003"]).count() == 3
