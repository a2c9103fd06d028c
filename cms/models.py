"""Pages every site of the school has: home, news, standard pages; and what the school calls itself."""

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import StreamValue
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.search import index

from lms.core.vietnamese import fold, nfc

from .blocks import ContentBlocks, sections
from .panels import home_panels

NEWS_PER_PAGE = 9
NEWS_ON_FRONT_PAGE = 3
# A page with fewer sections is short enough to need no table of contents.
SECTIONS_FOR_CONTENTS = 3


def body_text(body: StreamValue) -> str:
    """All words of a body, for search."""
    return " ".join(body.stream_block.get_searchable_content(body))


class BasePage(Page):
    """What every page shares: a summary for lists, and a folded text that search reads.

    ``folded_text`` holds title, summary and whatever ``searchable_text`` adds, marks dropped, so that
    "cai cach hanh chinh" finds "cải cách hành chính" on every database.
    """

    summary = models.TextField(
        _("summary"), max_length=500, blank=True, help_text=_("One or two sentences for lists.")
    )
    folded_text = models.TextField(editable=False, blank=True)

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("show_in_menus"),
            ],
            heading=_("Address and search"),
        )
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("folded_text"),
        index.FilterField("locale_id"),
    ]

    class Meta:
        abstract = True

    def searchable_text(self) -> str:
        return ""

    def full_clean(self, *args, **kwargs) -> None:
        self.title, self.summary = nfc(self.title), nfc(self.summary)
        self.folded_text = fold(f"{self.title} {self.summary} {self.searchable_text()}")
        super().full_clean(*args, **kwargs)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        """Adds ``breadcrumbs``: the pages above it and itself, as the component wants them."""
        context = super().get_context(request, *args, **kwargs)
        context["breadcrumbs"] = self.breadcrumbs(request)
        return context

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """The address on the host that was asked, whatever host the site's record names."""
        location = (
            self.get_full_url(request)
            if request is None
            else request.build_absolute_uri(self.get_url(request))
        )
        return [{"location": location, "lastmod": self.last_published_at}]

    def breadcrumbs(self, request: HttpRequest) -> list[dict[str, str | None]]:
        """From the front page to this one; empty on the front page."""
        if self.depth is None or self.depth <= 2:
            return []
        items = [{"title": page.title, "url": page.get_url(request)} for page in self.above if page.live]
        return [*items, {"title": self.title, "url": None}]

    @cached_property
    def above(self) -> list[Page]:
        """The pages from the front page down to its parent. One query; none when it was found by its address."""
        fields = ("title", "url_path", "path", "depth", "live", "alias_of")
        return list(self.get_ancestors().filter(depth__gt=1).only(*fields))

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """Wagtail's rule, its own and every page's above it, with ``above`` in place of one more query."""
        if any(page.alias_of_id for page in (self, *self.above)):
            return super().get_view_restrictions()
        paths = [self.path[:end] for end in range(self.steplen, len(self.path) + 1, self.steplen)]
        return PageViewRestriction.objects.filter(page__path__in=paths)


class HomePage(BasePage):
    """The front page: what the school offers, the next runs, the news."""

    headline = models.CharField(_("headline"), max_length=120, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("headline"),
        FieldPanel("introduction"),
        FieldPanel("summary"),
    ]
    parent_page_types = ["wagtailcore.Page"]
    max_count_per_parent = 2

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        """Adds ``news``, ``news_index`` and the panels the rooms above bring."""
        context = super().get_context(request, *args, **kwargs)
        news = NewsPage.objects.live().descendant_of(self).order_by("-date", "-pk").select_related("image")
        context["news"] = list(news[:NEWS_ON_FRONT_PAGE])
        context["news_index"] = NewsIndexPage.objects.live().child_of(self).first()
        for place in ("hero", "main", "lower"):
            context[f"{place}_panels"] = home_panels(request, place)
        return context


class StandardPage(BasePage):
    """About, help, privacy: text that changes seldom."""

    body = StreamField(ContentBlocks(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("summary"),
        FieldPanel("body", heading=_("Body text")),
    ]
    parent_page_types = ["cms.HomePage", "cms.StandardPage"]
    subpage_types = ["cms.StandardPage"]

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")

    def searchable_text(self) -> str:
        return body_text(self.body)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        """Adds ``sections`` (the table of contents of a longer page) and ``children``."""
        context = super().get_context(request, *args, **kwargs)
        found = [section for section in sections(self.body) if section.level == 2]
        context["sections"] = found if len(found) >= SECTIONS_FOR_CONTENTS else []
        context["children"] = self.get_children().live() if self.numchild else []
        return context


class NewsIndexPage(BasePage):
    """The list of news, newest first."""

    content_panels = [*BasePage.content_panels, FieldPanel("summary")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.NewsPage"]

    class Meta:
        verbose_name = _("news list")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        """Adds ``page_obj`` (the news of the chosen topic, newest first), ``topic`` and ``topics``."""
        context = super().get_context(request, *args, **kwargs)
        news = NewsPage.objects.live().child_of(self).order_by("-date", "-pk").select_related("image")
        topic = request.GET.get("topic", "")
        topic = topic if topic in NewsTopic.values else ""
        if topic:
            news = news.filter(topic=topic)
        context["page_obj"] = Paginator(news, NEWS_PER_PAGE).get_page(request.GET.get("page"))
        url = self.get_url(request)
        context["topics"] = [
            {"title": _("All news"), "url": url, "active": not topic},
            *(
                {"title": label, "url": f"{url}?topic={value}", "active": value == topic}
                for value, label in NewsTopic.choices
            ),
        ]
        return context


class NewsTopic(models.TextChoices):
    REFORM = "cchc", _("Administrative reform")
    IT = "cntt", _("Information technology")
    CLASSES = "lop-hoc", pgettext_lazy("news", "Classes")
    DOCUMENTS = "van-ban", _("Documents and guidance")


class NewsPage(BasePage):
    """One piece of news."""

    date = models.DateField(_("date"))
    topic = models.CharField(_("topic"), max_length=16, choices=NewsTopic.choices, default=NewsTopic.REFORM)
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    body = StreamField(ContentBlocks(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("date"),
        FieldPanel("topic"),
        FieldPanel("summary"),
        FieldPanel("image"),
        FieldPanel("body", heading=_("Body text")),
    ]
    search_fields = [*BasePage.search_fields, index.FilterField("date"), index.FilterField("topic")]
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")

    def searchable_text(self) -> str:
        return body_text(self.body)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        """Adds ``other_news``: the newest others of the same list."""
        context = super().get_context(request, *args, **kwargs)
        others = NewsPage.objects.live().sibling_of(self, inclusive=False).order_by("-date", "-pk")
        context["other_news"] = list(others[:NEWS_ON_FRONT_PAGE])
        return context


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    """Names, address and signers, editable by the school."""

    school_name_vi = models.CharField(_("school"), max_length=200, blank=True)
    school_name_en = models.CharField(_("school (English)"), max_length=200, blank=True)
    ministry_name_vi = models.CharField(_("governing body"), max_length=200, blank=True)
    ministry_name_en = models.CharField(_("governing body (English)"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=250, blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    place = models.CharField(_("place in official documents"), max_length=50, default="Hà Nội")
    signer_title = models.CharField(_("signer's title"), max_length=100, default="HIỆU TRƯỞNG")
    signer_name = models.CharField(_("signer's name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("names and signers")

    @property
    def school_name(self) -> str:
        return self.school_name_en if get_language() == "en" and self.school_name_en else self.school_name_vi

    @property
    def ministry_name(self) -> str:
        return (
            self.ministry_name_en
            if get_language() == "en" and self.ministry_name_en
            else self.ministry_name_vi
        )
