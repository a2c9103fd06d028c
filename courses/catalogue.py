"""The catalogue: which courses are shown, in which order, and what each card says.

The number of queries is the same for three courses and for three hundred.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.search import search_words
from lms.core.templatetags.ui import day
from lms.core.vietnamese import nfc

from .models import CatalogPage, CoursePage, Enrolment, LessonPage, ModulePage, Run
from .models.pages import CourseTopic

COURSES_PER_PAGE = 12
CARD_IMAGE = "fill-640x320|format-webp"
# Ranges of tiết as people plan their time: up to a day, up to half a week, more. Both ends belong to the range.
LENGTHS = {"day": (None, 8), "days": (8.5, 20), "week": (20.5, None)}
ORDERS = {
    "": ("-has_open_run", "-first_published_at", "pk"),
    "title": ("folded_text", "pk"),
    "longest": ("-periods", "folded_text", "pk"),
    "shortest": ("periods", "folded_text", "pk"),
    "newest": ("-first_published_at", "pk"),
}


class CatalogueForm(forms.Form):
    """What a visitor asks of the catalogue; everything is kept in the address."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "input", "autocomplete": "off"}),
    )
    topic = forms.ChoiceField(
        label=_("Topic"), required=False, choices=[("", _("All topics")), *CourseTopic.choices]
    )
    length = forms.ChoiceField(
        label=_("Length"),
        required=False,
        choices=[
            ("", _("Any length")),
            ("day", _("Up to 8 periods (one day)")),
            ("days", _("More than 8, up to 20 periods")),
            ("week", _("More than 20 periods")),
        ],
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("Open first")),
            ("newest", _("Newest first")),
            ("title", _("By name")),
            ("shortest", _("Shortest first")),
            ("longest", _("Longest first")),
        ],
    )
    open = forms.BooleanField(label=_("With an open class"), required=False)

    def wanted(self) -> dict[str, Any]:
        """The valid answers that are not empty; a value nobody offers counts as none."""
        self.is_valid()
        answers = {**self.cleaned_data, "q": nfc(self.cleaned_data.get("q", ""))}
        return {name: value for name, value in answers.items() if value}


def open_runs(*, on: date) -> QuerySet[Run]:
    """Runs announced to everyone: open and not yet closed, those that open later included."""
    return Run.objects.filter(state=Run.State.OPEN, closes_on__gte=on)


def find_courses(catalog: CatalogPage, wanted: dict[str, Any], *, on: date) -> QuerySet[CoursePage]:
    """The live courses of a catalogue that fit; words are looked for in the course, its modules and its lessons."""
    courses = CoursePage.objects.live().child_of(catalog)
    runs = open_runs(on=on).filter(course__translation_key=OuterRef("translation_key"))
    courses = courses.annotate(has_open_run=Exists(runs))
    if words := search_words(wanted.get("q", "")):
        in_course = Q()
        for word in words:
            in_course &= Q(folded_text__contains=word)
        course_path = Substr("path", 1, len(catalog.path) + catalog.steplen)
        inner = [
            pages.live()
            .filter(in_course, path__startswith=catalog.path)
            .annotate(of=course_path)
            .values("of")
            for pages in (ModulePage.objects, LessonPage.objects)
        ]
        courses = courses.filter(in_course | Q(path__in=inner[0]) | Q(path__in=inner[1]))
    if topic := wanted.get("topic"):
        courses = courses.filter(topic=topic)
    if length := wanted.get("length"):
        least, most = LENGTHS[length]
        courses = courses.filter(periods__gte=least) if least else courses
        courses = courses.filter(periods__lte=most) if most else courses
    if wanted.get("open"):
        courses = courses.filter(has_open_run=True)
    order = ORDERS[wanted.get("sort", "")]
    if words and not wanted.get("sort"):
        # Whoever asks for words wants the course that is named so before one that has them in a lesson.
        courses = courses.annotate(
            named_so=Case(When(folded_text__startswith=" ".join(words), then=0), default=1)
        )
        order = ("named_so", *order)
    return courses.order_by(*order)


def image_url(image) -> str:
    """A drawing as it is, a photograph cut to the card; "" without one."""
    if image is None:
        return ""
    return image.file.url if image.is_svg() else image.get_rendition(CARD_IMAGE).url


def _lesson_counts(courses: Sequence[CoursePage]) -> Counter:
    """Number of live lessons by the path of their course: one query."""
    if not courses:
        return Counter()
    length = len(courses[0].path)
    of_these = Q()
    for course in courses:
        of_these |= Q(path__startswith=course.path)
    paths = LessonPage.objects.live().filter(of_these).values_list("path", flat=True)
    return Counter(path[:length] for path in paths)


def run_note(run: Run | None, *, on: date) -> str:
    """What a card says of the next run."""
    if run is None:
        return ""
    if run.opens_on > on:
        return gettext("Opens on %(date)s") % {"date": day(run.opens_on)}
    if run.policy == Run.Policy.SELF:
        return gettext("Open for enrolment until %(date)s") % {"date": day(run.closes_on)}
    return gettext("Units nominate until %(date)s") % {"date": day(run.closes_on)}


def course_cards(courses: Iterable[CoursePage], request: HttpRequest, *, on: date) -> list[dict[str, Any]]:
    """The courses as ``components/course_card.html`` reads them. Three queries, whatever their number."""
    courses = list(courses)
    lessons = _lesson_counts(courses)
    keys = [course.translation_key for course in courses]
    next_run: dict[Any, Run] = {}
    for run in (
        open_runs(on=on)
        .filter(course__translation_key__in=keys)
        .select_related("course")
        .order_by("opens_on", "pk")
    ):
        next_run.setdefault(run.course.translation_key, run)
    states: dict[Any, str] = {}
    if request.user.is_authenticated:
        mine = Enrolment.objects.of(request.user).filter(run__course__translation_key__in=keys).order_by("pk")
        states = dict(mine.values_list("run__course__translation_key", "state"))
    return [
        {
            "url": course.get_url(request),
            "title": course.title,
            "code": course.code,
            "summary": course.summary,
            "tiet": int(course.periods) if course.periods == int(course.periods) else course.periods,
            "lessons": lessons[course.path],
            "state": states.get(course.translation_key, ""),
            "image_url": image_url(course.image),
            "meta": run_note(next_run.get(course.translation_key), on=on),
        }
        for course in courses
    ]


def with_images(courses: QuerySet[CoursePage]) -> QuerySet[CoursePage]:
    return courses.select_related("image").prefetch_related("image__renditions")


def catalogue_address(
    page: CatalogPage, wanted: dict[str, Any], request: HttpRequest, number: int = 1
) -> str:
    """The address that shows the same again, without empty parts."""
    parts = {**wanted, "open": "on"} if wanted.get("open") else dict(wanted)
    if number > 1:
        parts["page"] = number
    url = page.get_url(request)
    return f"{url}?{urlencode(parts)}" if parts else url


def catalogue_context(page: CatalogPage, request: HttpRequest) -> dict[str, Any]:
    """``form``, ``page_obj``, ``cards``, ``count``, ``filtered`` and ``address`` of what was asked for."""
    today = timezone.localdate()
    form = CatalogueForm(request.GET)
    wanted = form.wanted()
    page_obj = Paginator(with_images(find_courses(page, wanted, on=today)), COURSES_PER_PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "form": form,
        "page_obj": page_obj,
        "cards": course_cards(page_obj.object_list, request, on=today),
        "count": page_obj.paginator.count,
        "filtered": bool(wanted.keys() - {"sort"}),
        "address": catalogue_address(page, wanted, request, page_obj.number),
    }
