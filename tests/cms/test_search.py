"""Search over everything public."""

import pytest
from django.urls import reverse
from wagtail.models import PageViewRestriction

from cms.search import search_words
from tests.factories.cms import make_news, make_standard_page
from tests.factories.courses import make_course, make_english, make_lesson, make_module

pytestmark = pytest.mark.django_db


def found(client, text: str, **more) -> dict[str, list[str]]:
    response = client.get(reverse("cms:search"), {"q": text, **more})
    assert response.status_code == 200
    return {group["key"]: [hit.title for hit in group["hits"]] for group in response.context["groups"]}


@pytest.mark.parametrize(
    "text",
    ["cải cách hành chính", "cai cach hanh chinh", "CẢI CÁCH  hành", "ca\u0309i ca\u0301ch", "chinh cai"],
)
def test_words_are_found_with_and_without_diacritics(client, text):
    make_course(title="Cải cách hành chính", modules=0)
    make_news("Chỉ số cải cách hành chính")
    assert found(client, text) == {"courses": ["Cải cách hành chính"], "news": ["Chỉ số cải cách hành chính"]}


def test_d_with_stroke_is_found_as_d(client):
    make_standard_page("Điều khoản và đạo đức")
    assert found(client, "dieu khoan dao duc") == {"pages": ["Điều khoản và đạo đức"]}
    assert found(client, "đạo đức") == {"pages": ["Điều khoản và đạo đức"]}


def test_a_lesson_is_found_with_the_course_and_module_it_stands_in(client):
    course = make_course(title="Văn bản điện tử", modules=0)
    module = make_module(course, lessons=0, title="Chữ ký")
    make_lesson(module, title="Ký số trong công vụ")
    response = client.get(reverse("cms:search"), {"q": "ky so"})
    (group,) = response.context["groups"]
    assert (group["hits"][0].title, group["hits"][0].place) == (
        "Ký số trong công vụ",
        "Văn bản điện tử · Chữ ký",
    )


def test_the_body_of_a_lesson_is_not_searched_by_visitors(client):
    course = make_course(modules=1, lessons=1)
    assert course.pk
    assert found(client, "Nội dung bài học dành cho học viên") == {}


def test_many_results_are_shown_by_kind_in_pages(client):
    for number in range(25):
        make_news(f"Tin lớp học {number:02}")
    make_standard_page("Lớp học")
    overview = found(client, "lop hoc")
    assert len(overview["news"]) == 5
    assert overview["pages"] == ["Lớp học"]
    assert len(found(client, "lop hoc", kind="news")["news"]) == 20
    assert len(found(client, "lop hoc", kind="news", page=2)["news"]) == 5
    assert "pages" not in found(client, "lop hoc", kind="news")


def test_a_title_that_begins_so_comes_first(client):
    make_news("Hướng dẫn mới về dịch vụ công")
    make_news("Dịch vụ công trực tuyến")
    assert found(client, "dịch vụ công")["news"][0] == "Dịch vụ công trực tuyến"


def test_drafts_and_restricted_pages_are_not_found(client):
    make_news("Bí mật thứ nhất").unpublish()
    closed = make_news("Bí mật thứ hai")
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    assert found(client, "bi mat") == {}


def test_each_language_finds_its_own_pages(client):
    page = make_standard_page("Hướng dẫn sử dụng")
    make_english(page, title="User guide")
    assert found(client, "user guide") == {}
    response = client.get("/en" + reverse("cms:search"), {"q": "user guide"})
    assert [group["key"] for group in response.context["groups"]] == ["pages"]


@pytest.mark.parametrize(
    "text", ["", "   ", "%", "_", "'", "\\", "a" * 5000, "<script>alert(1)</script>", "\x00"]
)
def test_odd_questions_get_a_page(client, text):
    response = client.get(reverse("cms:search"), {"q": text})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_a_per_cent_sign_is_a_character_and_no_wildcard(client):
    make_news("Tin thường")
    assert found(client, "%") == {}
    assert found(client, "t_n") == {}


def test_a_long_question_is_cut():
    assert len(search_words("từ " * 200)) == 8


def test_searching_costs_the_same_for_few_and_for_many(client, django_assert_max_num_queries):
    for number in range(8):
        make_news(f"Chữ ký số {number}")
        course = make_course(title=f"Chữ ký số {number}", modules=0)
        make_lesson(make_module(course, lessons=0), title=f"Chữ ký số {number}")
    client.get(reverse("cms:search"), {"q": "chu ky so"})
    with django_assert_max_num_queries(18):
        client.get(reverse("cms:search"), {"q": "chu ky so"})
