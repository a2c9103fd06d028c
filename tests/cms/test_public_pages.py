"""What visitors see: front page, news, standard pages, the language switch, and what search engines read."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction

from courses.models import Enrolment
from tests.factories.cms import make_drawing, make_news, make_news_index, make_standard_page
from tests.factories.courses import (
    make_catalog,
    make_course,
    make_english,
    make_enrolment,
    make_home,
    make_run,
)
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def front_page():
    home = make_home()
    home.headline, home.introduction = "Học để phục vụ", "Chương trình bồi dưỡng."
    home.save_revision().publish()
    return home


def test_the_front_page_shows_courses_runs_figures_and_news(client):
    front_page()
    course = make_course(title="An toàn thông tin", modules=1, lessons=2)
    run = make_run(course=course, title="Khóa tự học tháng này", capacity=10)
    make_enrolment(run=run, learner=make_person(unit=make_unit()), state=Enrolment.State.COMPLETED)
    make_news("Bế giảng lớp 34 đơn vị", image=make_drawing())
    html = client.get("/").content.decode()
    for words in ["Học để phục vụ", "An toàn thông tin", "Khóa tự học tháng này", "Bế giảng lớp 34 đơn vị"]:
        assert words in html
    assert '<dl class="home-figures__list">' in html


def test_the_front_page_of_a_new_installation_is_not_broken(client):
    front_page()
    response = client.get("/")
    assert response.status_code == 200
    assert b"home-figures" not in response.content


def test_the_front_page_costs_few_queries_however_much_there_is(client, django_assert_max_num_queries):
    front_page()
    for _ in range(6):
        make_run(course=make_course(modules=1, lessons=1))
        make_news(image=make_drawing())
    client.get("/")
    with django_assert_max_num_queries(20):
        assert client.get("/").status_code == 200


def test_news_can_be_read_by_topic_and_page(client):
    index = make_news_index()
    for number in range(11):
        make_news(f"Tin cải cách {number}", topic="cchc")
    make_news("Tin về lớp học", topic="lop-hoc")
    first = client.get(index.get_url())
    assert first.context["page_obj"].paginator.count == 12
    assert "Tin về lớp học" in first.content.decode()
    chosen = client.get(index.get_url(), {"topic": "cchc", "page": 2})
    assert chosen.context["page_obj"].number == 2
    assert "Tin về lớp học" not in chosen.content.decode()
    assert "topic=cchc" in chosen.content.decode()


def test_a_topic_nobody_offers_shows_all_news(client):
    make_news()
    assert (
        client.get(make_news_index().get_url(), {"topic": "'; drop"}).context["page_obj"].paginator.count == 1
    )


def test_the_list_of_news_costs_the_same_for_one_and_for_nine(client, django_assert_max_num_queries):
    index = make_news_index()
    for _ in range(9):
        make_news(image=make_drawing())
    client.get(index.get_url())
    with django_assert_max_num_queries(14):
        client.get(index.get_url())


def test_a_news_page_shows_its_body_and_other_news(client):
    make_news("Tin khác")
    page = make_news("Tin này", body=[{"type": "text", "value": "<p>Nội dung đầy đủ.</p>"}])
    html = client.get(page.get_url()).content.decode()
    assert "Nội dung đầy đủ." in html
    assert "Tin khác" in html


def test_a_long_standard_page_has_a_table_of_contents(client):
    body = [{"type": "heading", "value": {"text": f"Phần {n}", "level": "2"}} for n in range(1, 4)]
    html = client.get(make_standard_page(body=body).get_url()).content.decode()
    assert '<a href="#phan-2">Phần 2</a>' in html
    assert '<h2 id="phan-2">' in html


def test_the_language_switch_leads_to_the_same_page(client):
    page = make_standard_page("Hướng dẫn", show_in_menus=True)
    english = make_english(page, title="Help")
    html = client.get(page.get_url()).content.decode()
    assert f'<a href="{english.get_url()}" lang="en" hreflang="en"' in html
    assert f'<link rel="alternate" hreflang="en" href="http://testserver{english.get_url()}">' in html
    back = client.get(english.get_url()).content.decode()
    assert f'<a href="{page.get_url()}" lang="vi" hreflang="vi"' in back
    assert "Help" in back


def test_without_a_translation_the_switch_leads_to_the_front_page_of_that_language(client):
    Locale.objects.get_or_create(language_code="en")
    html = client.get(make_standard_page("Chỉ tiếng Việt").get_url()).content.decode()
    assert '<a href="/en/" lang="en" hreflang="en"' in html
    assert '<link rel="alternate"' not in html


def test_a_translation_in_draft_is_no_translation(client):
    page = make_standard_page("Trang")
    make_english(page).unpublish()
    assert '<a href="/en/" lang="en"' in client.get(page.get_url()).content.decode()


def test_the_english_menu_has_english_titles(client):
    page = make_standard_page("Hướng dẫn", show_in_menus=True)
    make_english(page, title="Help", show_in_menus=True)
    assert "Hướng dẫn" in client.get("/").content.decode()
    english = client.get("/en/").content.decode()
    assert ">Help</a>" in english
    assert "Hướng dẫn" not in english


def test_pages_say_their_title_description_and_canonical_address(client):
    page = make_standard_page(
        "Giới thiệu", summary="Trường là địa chỉ học tập.", search_description="Mô tả riêng."
    )
    html = client.get(page.get_url() + "?utm=1").content.decode()
    assert "<title>Giới thiệu –" in html
    assert '<meta name="description" content="Mô tả riêng.">' in html
    assert f'<link rel="canonical" href="http://testserver{page.get_url()}">' in html
    assert '<meta property="og:title" content="Giới thiệu">' in html


def test_the_sitemap_lists_public_pages_of_both_languages_and_no_lessons(client):
    course = make_course(modules=1, lessons=1)
    open_page = make_english(make_standard_page("Công khai"))
    closed = make_standard_page("Nội bộ")
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    xml = client.get("/sitemap.xml").content.decode()
    assert f"<loc>http://testserver{course.get_url()}</loc>" in xml
    assert f"<loc>http://testserver{open_page.get_url()}</loc>" in xml
    assert closed.get_url() not in xml
    assert "bai-hoc-" not in xml


def test_robots_are_kept_out_of_the_admin_and_shown_the_sitemap(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /quan-tri/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_an_unpublished_page_is_not_found(client):
    page = make_standard_page("Bản nháp")
    page.unpublish()
    assert client.get(page.get_url()).status_code == 404


def test_runs_that_are_over_leave_the_front_page(client):
    front_page()
    make_catalog()
    today = timezone.localdate()
    make_run(
        title="Lớp đã đóng",
        opens_on=today - timedelta(days=30),
        closes_on=today - timedelta(days=1),
        due_on=today - timedelta(days=2),
    )
    assert "Lớp đã đóng" not in client.get("/").content.decode()


def test_no_page_of_the_tree_speaks_to_another_host(client):
    make_news(image=make_drawing())
    make_standard_page()
    for page in Page.objects.live().filter(depth__gt=1):
        html = client.get(page.get_url()).content.decode()
        for part in ('src="http', 'href="//', 'src="//'):
            assert part not in html
