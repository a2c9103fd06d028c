"""The pages of this room in a real browser: on a phone, on a desk and on paper, with the longest words."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from certificates.models import Certificate
from tests.assessments.live import LiveSite, live_site
from tests.browser import DESKTOP, PHONE, assert_sound, visitors
from tests.factories.certificates import make_administrator, make_certificates, make_completed_run
from tests.factories.organisations import PASSWORD

pytestmark = pytest.mark.browser

NAMES = ["Lê Ái", "Công Tằng Tôn Nữ Nguyễn Hoàng Phương Thảo Nguyên", "Nguyễn Thị Đào"]


def build() -> dict:
    run = make_completed_run(names=NAMES, decision_number="1234/QĐ-TĐTBDCBCCLĐTBXH-ĐTBD-QLĐT")
    waiting = make_completed_run(learners=2)
    certificates = make_certificates(run, files=False)
    for certificate in certificates:
        certificate.fields["unit"] = "Trung tâm Kiểm định kỹ thuật an toàn khu vực II, Cục An toàn lao động"
        certificate.fields["programme"] = "Ứng dụng công nghệ thông tin và cải cách hành chính trong công vụ"
    Certificate.objects.bulk_update(certificates, ["fields"])
    certificates[0].state, certificates[0].number_text = (
        Certificate.State.REVOKED,
        "0001/2019/CC-TĐTBDCBCCLĐTBXH",
    )
    certificates[0].save()
    office = [
        reverse("certificates:runs"),
        reverse("certificates:run", args=[run.code]),
        reverse("certificates:run", args=[waiting.code]),
        reverse("certificates:run", args=[run.code]) + "?tab=others",
        reverse("certificates:register"),
        reverse("certificates:register") + "?q=khong-co",
        reverse("certificates:register_print"),
        "/en" + reverse("certificates:register"),
    ]
    public = [
        reverse("certificates:lookup"),
        *(reverse("certificates:verify", args=[each.token]) for each in certificates),
        "/en" + reverse("certificates:verify", args=[certificates[1].token]),
    ]
    holder = certificates[1].enrolment.learner
    return {
        "pages": [
            (None, public),
            (make_administrator().email, office),
            (holder.email, [reverse("certificates:mine")]),
        ]
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def visit(browser, live: LiveSite) -> Iterator[Callable[[str | None, dict], Page]]:
    with visitors(browser, live.url, password=PASSWORD) as enter:
        yield enter


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_have_no_axe_faults_and_do_not_overflow(visit, live: LiveSite, viewport):
    for email, addresses in live.world["pages"]:
        assert_sound(visit(email, viewport), addresses)


def test_on_paper_every_word_of_the_register_stays_in_its_cell(visit, live: LiveSite):
    page = visit(live.world["pages"][1][0], {"width": 1024, "height": 720})  # A4 landscape
    page.goto(reverse("certificates:register_print"))
    page.emulate_media(media="print")
    cells = page.locator(".register-book__table :is(th, td)")
    assert cells.count() == 13 * (1 + len(NAMES))
    wide = cells.evaluate_all(
        "cells => cells.filter(c => c.scrollWidth > c.clientWidth).map(c => c.innerText)"
    )
    assert wide == []
    broken = cells.evaluate_all(
        r"""cells => cells.filter(cell => /^\d\d\/\d\d\/\d{4}$/.test(cell.innerText.trim())).filter(cell => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          return range.getClientRects().length > 1;
        }).map(cell => cell.innerText)"""
    )
    assert broken == []
