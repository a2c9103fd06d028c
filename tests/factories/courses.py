"""A site with a catalogue, courses, runs and enrolments for tests."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from cms.models import HomePage
from courses.models import (
    CatalogPage,
    CoursePage,
    Criterion,
    Enrolment,
    ExternalTraining,
    LessonPage,
    ModulePage,
    Run,
    Session,
)
from courses.services.external import enter_external_training
from courses.steps import required_steps
from lms.users.models import User

from .organisations import make_person, make_unit

_numbers = count(1)
LESSON_BODY = [
    {"type": "heading", "value": {"text": "Mở đầu", "level": "2"}},
    {"type": "text", "value": "<p>Nội dung bài học dành cho học viên.</p>"},
]


def make_home() -> HomePage:
    """The site's home page in the source language; made once."""
    locale, _created = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    home = HomePage.objects.filter(locale=locale).first()
    if home is not None:
        return home
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=locale)
    home = root.add_child(instance=HomePage(title="Trang chủ", slug="trang-chu", locale=locale))
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port, site.root_page = "testserver", 80, home
    site.save()
    return home


def make_catalog() -> CatalogPage:
    """The catalogue under the home page; made once."""
    home = make_home()
    catalog = CatalogPage.objects.filter(locale=home.locale).first()
    return catalog or home.add_child(
        instance=CatalogPage(title="Khóa học", slug="khoa-hoc", locale=home.locale)
    )


def make_course(
    *, modules: int = 2, lessons: int = 3, code: str = "", title: str = "", periods: str = "8"
) -> CoursePage:
    """A published course of ``modules`` modules with ``lessons`` lessons each."""
    catalog, number = make_catalog(), next(_numbers)
    course = catalog.add_child(
        instance=CoursePage(
            title=title or f"Khóa học {number}",
            slug=f"khoa-hoc-{number}",
            code=code or f"KH{number}",
            periods=Decimal(periods),
            summary="Tóm tắt khóa học.",
            locale=catalog.locale,
        )
    )
    for _ in range(modules):
        make_module(course, lessons=lessons)
    return CoursePage.objects.get(pk=course.pk)


def make_module(course: CoursePage, *, lessons: int = 3, title: str = "") -> ModulePage:
    course.refresh_from_db()
    number = next(_numbers)
    module = course.add_child(
        instance=ModulePage(
            title=title or f"Chuyên đề {number}",
            slug=f"chuyen-de-{number}",
            code=f"CD{number}",
            periods=Decimal("4"),
            locale=course.locale,
        )
    )
    for _ in range(lessons):
        make_lesson(module)
    return ModulePage.objects.get(pk=module.pk)


def make_lesson(module: ModulePage, *, title: str = "", body=None, **fields) -> LessonPage:
    module.refresh_from_db()
    number = next(_numbers)
    fields = {"summary": "Tóm tắt bài học.", "minutes": 12, **fields}
    return module.add_child(
        instance=LessonPage(
            title=title or f"Bài học {number}",
            slug=f"bai-hoc-{number}",
            body=LESSON_BODY if body is None else body,
            locale=module.locale,
            **fields,
        )
    )


def lessons_of(course: CoursePage) -> list[LessonPage]:
    """In the order they are read."""
    return list(
        LessonPage.objects.filter(path__startswith=course.path).select_related("locale").order_by("path")
    )


def make_english(page: Page, **fields) -> Page:
    """The published English translation of a page, ancestors included; ``fields`` are set on the translation."""
    english, _created = Locale.objects.get_or_create(language_code="en")
    translation = page.get_translation_or_none(english)
    if translation is None:
        translation = page.specific.copy_for_translation(english, copy_parents=True)
        for ancestor in translation.get_ancestors().filter(locale=english, live=False).specific():
            ancestor.save_revision().publish()
    translation = translation.specific
    for name, value in fields.items():
        setattr(translation, name, value)
    translation.save_revision().publish()
    return type(translation).objects.get(pk=translation.pk)


def make_run(*, course: CoursePage | None = None, on: date | None = None, **fields) -> Run:
    """An open run from ten days before ``on`` (today) to twenty after it, due five days before its end."""
    today, number = on or timezone.localdate(), next(_numbers)
    values = {
        "code": f"LOP-{number}",
        "title": f"Lớp bồi dưỡng {number}",
        "state": Run.State.OPEN,
        "policy": Run.Policy.SELF,
        "opens_on": today - timedelta(days=10),
        "closes_on": today + timedelta(days=20),
        "due_on": today + timedelta(days=15),
        **fields,
    }
    return Run.objects.create(course=course or make_course(), **values)


def make_enrolment(
    *,
    run: Run | None = None,
    learner: User | None = None,
    state: str = Enrolment.State.ENROLLED,
    now: datetime | None = None,
    **fields,
) -> Enrolment:
    """An enrolment written directly, in any state, with the times that state needs."""
    now = now or timezone.now()
    run = run or make_run()
    learner = learner or make_person(unit=make_unit())
    posting = learner.postings.filter(is_main=True, valid_to__isnull=True).first()
    states = Enrolment.State
    total = required_steps(run.course).total
    completed = state == states.COMPLETED
    values = {
        "unit": posting.unit if posting else make_unit(),
        "position": posting.position if posting else "",
        "rank_name": posting.rank_name if posting else "",
        "due_on": run.due_on,
        "nominated_at": now if state == states.NOMINATED else None,
        "enrolled_at": None if state == states.NOMINATED else now,
        "started_at": now if state in (states.IN_PROGRESS, states.COMPLETED) else None,
        "completed_at": now if completed else None,
        "ended_at": now if state in Enrolment.ENDED_STATES else None,
        "steps_total": total,
        "steps_done": total if completed else 0,
        **fields,
    }
    enrolment = Enrolment.objects.create(run=run, learner=learner, state=state, **values)
    return Enrolment.objects.select_related("run__course", "learner", "unit").get(pk=enrolment.pk)


def make_criterion(
    course: CoursePage, *, module: ModulePage | None = None, kind: str = "test", key: str = ""
) -> Criterion:
    number = next(_numbers)
    return Criterion.objects.create(
        course=course, module=module, kind=kind, key=key or str(number), title=f"Bài kiểm tra {number}"
    )


def enter_training(person, *, actor, periods: str = "8", **fields) -> ExternalTraining:
    """A course taken elsewhere that ended yesterday, entered and waiting for the school."""
    yesterday = timezone.localdate() - timedelta(days=1)
    values = {
        "title": f"Khóa học bên ngoài {next(_numbers)}",
        "organiser": "Học viện Hành chính",
        "started_on": yesterday,
        "finished_on": yesterday,
        "periods": Decimal(periods),
        "scan": ContentFile(b"%PDF-1.4 mau", name="chung-chi.pdf"),
        **fields,
    }
    return enter_external_training(person=person, actor=actor, now=timezone.now(), **values)


def make_session(*, run: Run | None = None, on: date | None = None, **fields) -> Session:
    """A session written directly: today from 08:00 to 11:30 unless said otherwise."""
    values = {
        "begins_at": time(8),
        "ends_at": time(11, 30),
        "topic": f"Buổi học {next(_numbers)}",
        "periods": Decimal(4),
        "changed_at": timezone.now(),
        **fields,
    }
    return Session.objects.create(run=run or make_run(), day=on or timezone.localdate(), **values)
