"""What people read: numbers and dates in their language, states with a word, every component in one piece."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from lms.core.templatetags import ui

MORNING = datetime(2019, 5, 31, 1, 30, tzinfo=UTC)


@pytest.fixture(params=["vi", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def test_numbers_follow_the_language(language):
    expected = {
        "vi": ("1.234.567", "1.234,5", "63,5%", "66,7%"),
        "en": ("1,234,567", "1,234.5", "63.5%", "66.7%"),
    }
    assert (
        ui.number(1234567),
        ui.number(1234.5, 1),
        ui.percent(63.5),
        ui.percent_of(8, 12),
    ) == expected[language]


def test_a_share_of_nothing_is_a_dash():
    assert ui.percent_of(0, 0) == "–"
    assert ui.percent_of(3, None) == "–"


def test_numbers_in_attributes_are_for_machines(language):
    assert ui.plain(63.50) == "63.5"
    assert ui.plain(100) == "100"
    assert ui.plain(None) == "0"


def test_dates_follow_the_language_and_local_time(language):
    expected = {
        "vi": ("31/05/2019", "08:30, 31/05/2019", "05/2019"),
        "en": ("31 May 2019", "31 May 2019, 08:30", "May 2019"),
    }
    assert (ui.day(MORNING), ui.moment(MORNING), ui.month(MORNING)) == expected[language]


def test_decisions_write_days_under_ten_and_months_under_three_with_a_zero():
    with translation.override("vi"):
        assert ui.long_day(date(2019, 2, 5)) == "ngày 05 tháng 02 năm 2019"
        assert ui.long_day(date(2019, 5, 31)) == "ngày 31 tháng 5 năm 2019"


@pytest.mark.parametrize(
    "show", [ui.number, ui.percent, ui.day, ui.moment, ui.clock, ui.month, ui.minutes, ui.iso]
)
def test_nothing_stays_empty(show):
    assert show(None) == ""


def test_people_are_addressed_by_the_last_word_of_the_name():
    assert ui.given_name("Đặng Thị Ánh Nguyệt") == "Nguyệt"
    assert ui.initials("Đặng Thị Ánh Nguyệt") == "ĐN"
    assert ui.initials("") == ""


def test_every_icon_of_a_state_exists():
    for state, (_, tone, icon) in ui.STATES.items():
        assert tone in {"neutral", "info", "success", "warning", "danger"}
        assert ui.icon_body(icon), state


def test_an_icon_name_is_no_path():
    with pytest.raises(ValueError, match="not an icon name"):
        ui.icon_body("../../package")


def test_an_unknown_state_is_shown_as_it_is():
    assert ui.state_badge("strange") == {"label": "strange", "tone": "neutral", "icon": ""}


def test_sorting_starts_again_from_the_first_page():
    request = RequestFactory().get("/", {"q": "cục", "page": "7"})
    context = Context({"request": request})
    assert ui.page_query(context, "page", 8) == "?q=c%E1%BB%A5c&page=8"
    assert ui.page_query(context, "sort", "-name") == "?q=c%E1%BB%A5c&sort=-name"


def test_a_second_click_turns_the_order():
    assert ui.sort_state("name", "name") == {"direction": "ascending", "next": "-name"}
    assert ui.sort_state("name", "-name") == {"direction": "descending", "next": "name"}
    assert ui.sort_state("name", "unit") == {"direction": "", "next": "name"}


def test_page_numbers_leave_gaps():
    assert ui.page_numbers(Paginator(range(1204), 50).page(7)) == [1, None, 6, 7, 8, None, 25]


def test_a_form_inside_an_isolated_include_carries_its_token():
    request = RequestFactory().get("/")
    dialog = get_template("components/dialog.html").render(
        {"id": "d", "title": "Xóa?", "action": "/x/", "confirm": "Xóa"}, request
    )
    assert 'name="csrfmiddlewaretoken"' in dialog


def test_a_line_of_an_outline_tells_its_state_in_words_of_the_language(language):
    lines = [
        {"title": "Bài <một>", "url": "/a/?b=1&c=2", "state": "done", "minutes": 80},
        {"title": "100 % trực tuyến", "url": "/b/", "state": "current"},
        {"title": "Bài ba", "url": "/c/", "state": "locked", "minutes": 5},
        {"title": "Bài bốn", "url": ""},
    ]
    done, current, locked, nowhere = ui.outline_links(lines).split("</li>")[:4]
    assert 'href="/a/?b=1&amp;c=2"' in done
    assert "<span>Bài &lt;một&gt;</span>" in done
    assert {"vi": "1 giờ 20 phút", "en": "1 hour 20 minutes"}[language] in done
    assert {"vi": 'aria-label="Hoàn thành', "en": 'aria-label="Completed'}[language] in done
    assert 'aria-current="page"' in current
    assert "100 % trực tuyến" in current
    assert "aria-current" not in done + locked + nowhere
    for line in (locked, nowhere):
        assert "<a" not in line
        assert "outline__link--locked" in line


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_pages_of_last_resort_need_no_context(name, language):
    page = render_to_string(name)
    assert f'<html lang="{language}">' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "name",
    sorted(
        str(path.relative_to(settings.BASE_DIR / "lms/templates"))
        for path in (Path(settings.BASE_DIR) / "lms/templates").rglob("*.html")
    ),
)
def test_every_template_of_the_shell_compiles_and_obeys_the_content_policy(name):
    source = get_template(name).template.source
    assert " style=" not in source
    assert "<style" not in source
    assert "javascript:" not in source
    assert " onclick=" not in source
    assert "hx-on" not in source


def test_every_component_renders_with_the_samples_of_the_pattern_page():
    page = Template(
        "{% load pattern_samples %}{% pattern_samples as sample %}"
        "{% for part in parts %}{% include part %}{% endfor %}"
    ).render(
        Context(
            {
                "request": RequestFactory().get("/patterns/"),
                "parts": [
                    f"patterns/{part}.html"
                    for part in ("foundations", "feedback", "navigation", "forms", "tables", "content")
                ],
            }
        )
    )
    for css in (
        "alert",
        "badge",
        "course-card",
        "job",
        "pagination",
        "outline",
        "file-drop",
        "check",
        "table-scroll",
    ):
        assert f'"{css}' in page or f" {css}" in page, css
