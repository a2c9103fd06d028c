"""The catalogue: finding a course by words, topic, length and open runs."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from courses.models import Enrolment, Run
from tests.factories.cms import make_drawing, make_photograph
from tests.factories.courses import (
    make_catalog,
    make_course,
    make_english,
    make_enrolment,
    make_lesson,
    make_module,
    make_run,
)
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def titles(client, **asked) -> list[str]:
    response = client.get(make_catalog().get_url(), asked)
    assert response.status_code == 200
    return [card["title"] for card in response.context["cards"]]


@pytest.mark.parametrize(
    "text", ["cải cách hành chính", "cai cach hanh chinh", "hanh chinh cai", "Cải  Cách"]
)
def test_a_course_is_found_with_and_without_diacritics(client, text):
    make_course(title="Cải cách hành chính", modules=0)
    make_course(title="Kỹ năng số", modules=0)
    assert titles(client, q=text) == ["Cải cách hành chính"]


def test_a_course_is_found_by_its_code_and_by_its_lessons(client):
    course = make_course(title="Chương trình 40 tiết", code="CCHC-CNTT", modules=0)
    make_lesson(make_module(course, lessons=0, title="Văn bản"), title="Chữ ký số trong công vụ")
    make_course(title="Khóa khác", modules=0)
    assert titles(client, q="cchc-cntt") == ["Chương trình 40 tiết"]
    assert titles(client, q="chu ky so") == ["Chương trình 40 tiết"]


def test_the_course_that_is_named_so_comes_first(client):
    make_run(course=make_course(title="Chương trình về chữ ký số", modules=0))
    make_course(title="Chữ ký số", modules=0)
    assert titles(client, q="chữ ký số") == ["Chữ ký số", "Chương trình về chữ ký số"]


def test_filters_narrow_the_list_and_work_together(client):
    short = make_course(title="Ngắn", periods="6", modules=0)
    short.topic = "attt"
    short.save_revision().publish()
    make_course(title="Vừa", periods="16", modules=0)
    long = make_course(title="Dài", periods="40", modules=0)
    make_run(course=long)
    assert titles(client, topic="attt") == ["Ngắn"]
    assert titles(client, length="day") == ["Ngắn"]
    assert titles(client, length="days") == ["Vừa"]
    assert titles(client, length="week") == ["Dài"]
    assert titles(client, open="on") == ["Dài"]
    assert titles(client, open="on", topic="attt") == []


def test_a_closed_or_draft_run_does_not_count_as_open(client):
    course, today = make_course(title="Đã đóng", modules=0), timezone.localdate()
    make_run(
        course=course,
        opens_on=today - timedelta(days=9),
        due_on=today - timedelta(days=1),
        closes_on=today - timedelta(days=1),
    )
    make_run(course=course, state=Run.State.DRAFT)
    make_run(course=course, state=Run.State.FINISHED)
    assert titles(client, open="on") == []


def test_the_list_can_be_ordered(client):
    make_course(title="Đầu", periods="40", modules=0)
    make_course(title="Âu Lạc", periods="8", modules=0)
    make_course(title="Cuối", periods="20", modules=0)
    assert titles(client, sort="title") == ["Âu Lạc", "Cuối", "Đầu"]
    assert titles(client, sort="shortest") == ["Âu Lạc", "Cuối", "Đầu"]
    assert titles(client, sort="longest") == ["Đầu", "Cuối", "Âu Lạc"]


def test_answers_nobody_offers_count_as_none(client):
    make_course(title="Khóa", modules=0)
    assert titles(client, topic="x", length="9", sort="drop", page="abc") == ["Khóa"]


def test_pages_keep_the_filters_in_the_address(client):
    for _ in range(14):
        make_course(periods="6", modules=0)
    response = client.get(make_catalog().get_url(), {"length": "day", "page": 2})
    assert len(response.context["cards"]) == 2
    assert "length=day" in response.content.decode()


def test_nothing_found_says_what_to_do(client):
    make_course(modules=0)
    response = client.get(make_catalog().get_url(), {"q": "không có khóa nào như thế"})
    assert b'class="empty"' in response.content


def test_an_empty_catalogue_is_not_broken(client):
    assert b'class="empty"' in client.get(make_catalog().get_url()).content


def test_live_search_gets_the_list_alone_and_a_clean_address(client):
    make_course(title="Kỹ năng số", modules=0)
    asked = {"q": "ky nang", "topic": "", "length": "", "sort": ""}
    response = client.get(make_catalog().get_url(), asked, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert '<div id="results"' in html
    assert '<span id="filter-count"' in html
    assert "<html" not in html
    assert parse_qs(urlsplit(response["HX-Push-Url"]).query) == {"q": ["ky nang"]}
    assert "HX-Request" in response["Vary"]
    assert "<html" in client.get(make_catalog().get_url(), asked).content.decode()


def test_cards_say_when_one_can_join_and_how_far_one_is(client):
    course = make_course(title="Kỹ năng số", modules=1, lessons=3)
    run = make_run(course=course)
    learner = make_person(unit=make_unit())
    make_enrolment(run=run, learner=learner, state=Enrolment.State.IN_PROGRESS)
    card = client.get(make_catalog().get_url()).context["cards"][0]
    assert (card["lessons"], card["state"]) == (3, "")
    assert f"{run.closes_on:%d/%m/%Y}" in card["meta"]
    client.force_login(learner)
    assert client.get(make_catalog().get_url()).context["cards"][0]["state"] == "in_progress"


def test_the_english_catalogue_knows_the_runs_of_the_same_courses(client):
    course = make_course(title="Kỹ năng số", modules=0)
    run = make_run(course=course)
    english = make_english(course, title="Digital skills")
    response = client.get(english.get_parent().get_url(), {"open": "on"})
    (card,) = response.context["cards"]
    assert card["title"] == "Digital skills"
    assert str(run.closes_on.year) in card["meta"]


@pytest.mark.parametrize(("language", "many"), [("vi", 60), ("en", 15)])
def test_the_catalogue_costs_twenty_queries_at_most_and_the_same_for_few_courses_and_for_many(language, many):
    learner = make_person(unit=make_unit())
    visitor, reader = Client(), Client()
    reader.force_login(learner)
    costs = []
    for more, cards in ((3, 3), (many - 3, 12)):
        url = _add_courses(more, learner, language=language).get_url()
        for client in (visitor, reader):
            for asked in ({}, {"q": "khoa hoc", "open": "on"}):
                client.get(url, asked)
                with CaptureQueriesContext(connection) as captured:
                    assert len(client.get(url, asked).context["cards"]) == cards
                costs.append(len(captured))
    assert costs[:4] == costs[4:]
    assert max(costs) <= 20


def _add_courses(count: int, learner, *, language: str) -> Page:
    """Published courses with a picture and an open class, the learner in three of them; gives their catalogue."""
    pictures = [make_drawing(), make_photograph()]
    for number in range(count):
        course = make_course(modules=1, lessons=1)
        shown = make_english(course) if language == "en" else course
        shown.image = pictures[number % 2]
        shown.save(update_fields=["image"], clean=False)
        run = make_run(course=course)
        if number < 3:
            make_enrolment(run=run, learner=learner)
    return shown.get_parent()
