"""Authored content: catalogue → course → module → lesson.

Every page may have a translation in the English tree. Learner records point to the page of the source language,
``canonical``, so that one progress serves both. A translation whose body is empty shows the source's.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable
from wagtail.rich_text import get_text_for_indexing
from wagtail.search import index

from cms.blocks import LessonBlocks
from cms.models import BasePage

PLAIN_TEXT = ["ol", "ul", "bold", "italic", "link"]


class CanonicalMixin:
    """Finding the page of the source language."""

    @property
    def canonical_id_or_none(self) -> int | None:
        """The source page's id where it is known without a query (the page is itself the source)."""
        return self.pk if self.locale.language_code == settings.LANGUAGE_CODE else None

    @property
    def canonical(self):
        if self.canonical_id_or_none:
            return self
        return type(self).objects.get(
            translation_key=self.translation_key, locale__language_code=settings.LANGUAGE_CODE
        )


class CatalogPage(BasePage):
    """The list of courses."""

    content_panels = [*BasePage.content_panels, FieldPanel("summary")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["courses.CoursePage"]

    class Meta:
        verbose_name = _("course catalogue")

    @classmethod
    def first(cls) -> "CatalogPage | None":
        """The catalogue in the language it was first written in; None where the site has none."""
        return cls.objects.live().order_by("path").first()

    def get_template(self, request: HttpRequest, *args, **kwargs) -> str:
        """The list alone when htmx asks for it."""
        alone = getattr(request, "htmx", False) and not getattr(request, "is_preview", False)
        return "courses/catalog_live.html" if alone else "courses/catalog_page.html"

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        from courses.catalogue import catalogue_context  # it reads these models

        if getattr(request, "htmx", False):
            # The list alone draws neither breadcrumbs nor menus.
            return {"page": self, "request": request, **catalogue_context(self, request)}
        return {**super().get_context(request, *args, **kwargs), **catalogue_context(self, request)}

    def serve(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = super().serve(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        if getattr(request, "htmx", False):
            response["HX-Push-Url"] = response.context_data["address"]
        return response


class CourseTopic(models.TextChoices):
    REFORM = "cchc", _("Administrative reform")
    DIGITAL_GOVERNMENT = "cpdt", _("Digital government")
    DOCUMENTS = "van-ban", _("Documents and clerical work")
    SKILLS = "ky-nang", _("Digital skills")
    SECURITY = "attt", _("Information security")


class CoursePage(CanonicalMixin, BasePage):
    """A course or programme: modules, lessons, how much it counts, for whom."""

    code = models.CharField(_("code"), max_length=32)
    topic = models.CharField(
        _("topic"), max_length=16, choices=CourseTopic.choices, default=CourseTopic.REFORM
    )
    periods = models.DecimalField(
        _("tiết"), max_digits=5, decimal_places=1, help_text=_("Periods of 45 minutes the course counts for.")
    )
    audience = models.CharField(_("for whom"), max_length=300, blank=True)
    format_note = models.CharField(_("form of study"), max_length=300, blank=True)
    introduction = RichTextField(_("introduction"), blank=True, features=PLAIN_TEXT)
    outcomes = RichTextField(_("outcomes"), blank=True, features=PLAIN_TEXT)
    completion_rule = RichTextField(_("conditions of completion"), blank=True, features=PLAIN_TEXT)
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("code"),
        FieldPanel("topic"),
        FieldPanel("periods"),
        FieldPanel("summary"),
        FieldPanel("audience"),
        FieldPanel("format_note"),
        FieldPanel("introduction"),
        FieldPanel("outcomes"),
        FieldPanel("completion_rule"),
        FieldPanel("image"),
        InlinePanel("trainer_links", label=_("Trainers")),
    ]
    search_fields = [*BasePage.search_fields, index.FilterField("topic"), index.FilterField("code")]
    parent_page_types = ["courses.CatalogPage"]
    subpage_types = ["courses.ModulePage"]

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def searchable_text(self) -> str:
        texts = [get_text_for_indexing(text) for text in (self.introduction, self.outcomes)]
        return " ".join([self.code, self.audience, *texts])

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict[str, Any]:
        from courses.course_page import course_context  # it reads these models

        return {**super().get_context(request, *args, **kwargs), **course_context(self, request)}


class CourseTrainer(Orderable):
    """Who teaches a course, in the order they are named."""

    course = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="trainer_links")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("trainer"), on_delete=models.PROTECT, related_name="+"
    )
    panels = [FieldPanel("person")]


class ModulePage(CanonicalMixin, BasePage):
    """A part of a course (chuyên đề)."""

    code = models.CharField(_("code"), max_length=32, blank=True)
    periods = models.DecimalField(_("tiết"), max_digits=5, decimal_places=1, default=0)
    outcomes = RichTextField(_("outcomes"), blank=True, features=PLAIN_TEXT)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("code"),
        FieldPanel("periods"),
        FieldPanel("summary"),
        FieldPanel("outcomes"),
    ]
    parent_page_types = ["courses.CoursePage"]
    subpage_types = ["courses.LessonPage"]

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def searchable_text(self) -> str:
        return f"{self.code} {get_text_for_indexing(self.outcomes)}"

    def serve(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """A module is read on its course's page, at its own place there."""
        from courses.course_page import module_anchor  # it reads these models

        course_url = self.above[-1].get_url(request)
        return HttpResponseRedirect(f"{course_url}#{module_anchor(self.slug)}")

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict]:
        return []


class LessonPage(CanonicalMixin, BasePage):
    """What is read. ``minutes`` is the time the text is expected to take.

    Readers get it from ``courses.views.lessons``, which decides who may read. What Wagtail renders by itself is the
    preview of those who write; without that mark the template shows no body.
    """

    periods = models.DecimalField(_("tiết"), max_digits=4, decimal_places=1, default=0)
    minutes = models.PositiveSmallIntegerField(_("reading time, minutes"), default=10)
    is_compulsory = models.BooleanField(_("needed for completion"), default=True)
    body = StreamField(LessonBlocks(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("periods"),
        FieldPanel("minutes"),
        FieldPanel("is_compulsory"),
        FieldPanel("summary"),
        FieldPanel("body", heading=_("Body text")),
    ]
    parent_page_types = ["courses.ModulePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def get_context(self, request, *args, **kwargs) -> dict:
        return super().get_context(request, *args, **kwargs) | {
            "body": self.body,
            "body_language": self.locale.language_code,
            "may_read": getattr(request, "is_preview", False),
        }

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict]:
        """Visitors from outside are better met by the course."""
        return []
