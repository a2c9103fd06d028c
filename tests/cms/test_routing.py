"""Pages are found by their whole address: the same pages as Wagtail's own walk down the tree finds, in fewer steps."""

import pytest
from django.test import Client
from django.utils.translation import override
from wagtail.models import Page, PageViewRestriction, Site

from cms.models import HomePage, SiteSettings
from cms.routing import route
from cms.sites import site_for, site_names
from tests.factories.cms import make_news, make_news_index, make_standard_page
from tests.factories.courses import make_course, make_english, make_home, make_module

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> list[Page]:
    """A page of every level and kind, some of them translated, one never published."""
    course = make_course(modules=1, lessons=1)
    make_english(course.get_children().first())
    make_news()
    draft = make_standard_page("Chưa đăng")
    draft.unpublish()
    make_standard_page("Con của trang chưa đăng", parent=draft)
    return list(Page.objects.filter(depth__gt=1).select_related("locale"))


def paths(pages: list[Page]) -> list[str]:
    return sorted(
        {"/".join([*page.url_path.strip("/").split("/")[1:], ""]).removeprefix("/") for page in pages}
    )


def both(rf, path: str, host: str = "testserver") -> tuple:
    """What we find and what Wagtail finds."""
    ours = route(rf.get("/", headers={"host": host}), path)
    theirs = Page.route_for_request(rf.get("/", headers={"host": host}), path)
    return ours and (ours.page, ours.args, ours.kwargs), theirs and (theirs.page, theirs.args, theirs.kwargs)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_address_leads_where_wagtail_leads(rf, pages, language):
    with override(language):
        for path in [*paths(pages), "", "khong-co/", "khoa-hoc/khong-co/"]:
            ours, theirs = both(rf, path)
            assert ours == theirs, path
            assert ours is None or type(ours[0]) is type(theirs[0])


def test_the_front_page_of_a_language_that_is_not_published_is_left_to_wagtail(rf):
    make_english(make_standard_page())
    HomePage.objects.get(locale__language_code="en").unpublish()
    with override("en"):
        assert both(rf, "") == (None, (make_home(), [], {}))


def test_a_page_that_routes_in_its_own_manner_is_left_to_wagtail(rf, monkeypatch):
    page = make_news_index()
    monkeypatch.setattr(type(page), "route", lambda self, request, parts: (self, ["year"], {}), raising=False)
    assert route(rf.get("/"), "tin-tuc/") is None


def test_each_of_two_sites_has_its_own_pages_and_names(rf):
    home = make_home()
    second = home.get_parent().add_child(instance=HomePage(title="Khác", slug="khac", locale=home.locale))
    page = make_standard_page("Riêng", parent=second)
    site = Site.objects.create(hostname="khac.example", port=80, root_page=second)
    SiteSettings.objects.create(site=site, school_name_vi="Trường khác")
    assert both(rf, f"{page.slug}/", host="khac.example") == ((page, [], {}), (page, [], {}))
    assert both(rf, f"{page.slug}/") == (None, None)
    assert site_names(rf.get("/", headers={"host": "khac.example"})).school_name == "Trường khác"


def test_the_only_site_answers_to_every_host_name_and_comes_with_its_names(rf, django_assert_num_queries):
    site = make_home() and Site.objects.get()
    SiteSettings.for_site(site)
    Site.get_site_root_paths()
    request = rf.get("/", headers={"host": "10.0.0.7:8000"})
    with django_assert_num_queries(1):
        assert site_for(request) == site
        assert site_names(request).site == site


# --- Privacy ------------------------------------------------------------------------------------------------


def restrict(page: Page, kind: str = PageViewRestriction.LOGIN, **fields) -> PageViewRestriction:
    return PageViewRestriction.objects.create(page=page, restriction_type=kind, **fields)


def restricted(page: Page) -> set[int]:
    """Ids of the restrictions, by our way; they are the same by Wagtail's."""
    ours = set(page.get_view_restrictions().values_list("pk", flat=True))
    theirs = set(Page.get_view_restrictions(page).values_list("pk", flat=True))
    assert ours == theirs
    return ours


def test_a_page_is_as_private_as_any_page_above_it(client):
    course = make_course(modules=1)
    module = make_module(course)
    held = restrict(course.get_parent())
    for page in (course.get_parent().specific, course, module):
        assert restricted(page) == {held.pk}
        assert client.get(page.get_url()).url.startswith("/tai-khoan/login/")
    assert restricted(make_news()) == set()


def test_a_restriction_on_the_root_of_the_tree_holds_for_all():
    held = restrict(Page.get_first_root_node())
    assert restricted(make_news()) == {held.pk}


def test_an_alias_is_as_private_as_the_page_it_repeats():
    secret, open_page = make_standard_page("Nội bộ"), make_standard_page("Công khai")
    held = restrict(secret)
    alias = secret.create_alias(parent=open_page, update_slug="ban-sao")
    below = make_standard_page("Dưới bản sao", parent=alias)
    assert restricted(alias.specific) == {held.pk}
    assert restricted(below) == {held.pk}


def test_the_password_of_a_private_page_lets_in():
    page = make_standard_page("Tài liệu lớp", body=[{"type": "text", "value": "<p>Chỉ trong lớp.</p>"}])
    held = restrict(page, PageViewRestriction.PASSWORD, password="mat-khau-cua-lop")
    client = Client()
    assert "Chỉ trong lớp" not in client.get(page.get_url()).content.decode()
    form = f"/_util/authenticate_with_password/{held.pk}/{page.pk}/"
    answer = {"password": "mat-khau-cua-lop", "return_url": page.get_url()}
    assert "Chỉ trong lớp" in client.post(form, answer, follow=True).content.decode()
