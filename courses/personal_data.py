"""What this room holds about a person, for its export and its erasure; see ``lms.users.holdings``."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.spreadsheets import Sheet
from lms.core.storage import private_storage
from lms.users.holdings import (
    Fate,
    HeldFile,
    Holding,
    register_files,
    register_holdings,
    register_obstacle,
    register_sheets,
)

from .exports import state_words
from .models import Enrolment, ExternalTraining, LessonProgress, RunTrainer


def _sheets(person) -> Iterable[Sheet]:
    enrolments = Enrolment.objects.filter(learner=person).select_related("run__course", "unit").order_by("pk")
    yield Sheet(
        name=_("Participations"),
        headings=[
            _("Course"),
            _("Class"),
            _("Unit"),
            _("Position"),
            _("State"),
            _("Nominated"),
            _("Enrolled"),
            _("Study begun"),
            _("Completed"),
            _("Ended"),
            _("Reason"),
        ],
        rows=[
            [
                row.run.course.title,
                row.run.display_title,
                row.unit.name,
                row.position,
                state_words(row),
                row.nominated_at,
                row.enrolled_at,
                row.started_at,
                row.completed_at,
                row.ended_at,
                row.end_reason,
            ]
            for row in enrolments
        ],
        widths=[40, 40, 36, 24, 16, 18, 18, 18, 18, 18, 30],
    )
    progress = (
        LessonProgress.objects.filter(enrolment__learner=person)
        .select_related("enrolment__run__course", "lesson")
        .order_by("pk")
    )
    yield Sheet(
        name=_("Lessons"),
        headings=[_("Course"), _("Lesson"), _("First opened"), _("Last read"), _("Minutes"), _("Completed")],
        rows=[
            [
                row.enrolment.run.course.title,
                row.lesson.title,
                row.opened_at,
                row.last_seen_at,
                row.seconds // 60,
                row.completed_at,
            ]
            for row in progress
        ],
        widths=[40, 40, 18, 18, 10, 18],
    )
    elsewhere = ExternalTraining.objects.filter(person=person).select_related("unit").order_by("pk")
    yield Sheet(
        name=_("Training elsewhere"),
        headings=[
            _("Course"),
            _("Held by"),
            _("From"),
            _("To"),
            _("Periods"),
            _("Number of the certificate"),
            _("Unit"),
            _("State"),
            _("Reason"),
        ],
        rows=[
            [
                row.title,
                row.organiser,
                row.started_on,
                row.finished_on,
                row.periods,
                row.document_number,
                row.unit.name,
                row.get_state_display(),
                row.reason,
            ]
            for row in elsewhere
        ],
        widths=[40, 36, 14, 14, 10, 24, 36, 16, 30],
    )
    taught = RunTrainer.objects.filter(person=person).select_related("run__course").order_by("pk")
    yield Sheet(
        name=_("Classes taught"),
        headings=[_("Course"), _("Class")],
        rows=[[link.run.course.title, link.run.display_title] for link in taught],
        widths=[40, 40],
    )


def _scans(person) -> Iterable[HeldFile]:
    for row in ExternalTraining.objects.filter(person=person).exclude(scan="").order_by("pk"):
        ending = row.scan.name.rpartition(".")[2]
        yield HeldFile(f"minh-chung/{row.pk}.{ending}", private_storage(), row.scan.name)


def _remove_scans(trainings: QuerySet) -> None:
    """The papers show name and birth; that the course was taken stays."""
    names = list(trainings.exclude(scan="").values_list("scan", flat=True))
    trainings.update(scan="", document_number="")
    storage = private_storage()
    # A file that was deleted does not come back with a transaction that fails.
    transaction.on_commit(lambda: [storage.delete(name) for name in names])


def _still_studying(person, *, on: date) -> Iterable[Promise]:
    if Enrolment.objects.filter(learner=person).exclude(state__in=Enrolment.ENDED_STATES).exists():
        yield gettext_lazy("Complete or end the participations of this person first.")


def register() -> None:
    register_sheets(_sheets, order=20)
    register_files(_scans)
    register_obstacle(_still_studying)
    register_holdings(
        Holding(
            "courses.Enrolment.learner",
            Fate.KEPT,
            gettext_lazy("Participations, lessons studied, quizzes sat"),
        ),
        Holding(
            "courses.ExternalTraining.person",
            Fate.KEPT,
            gettext_lazy("Training elsewhere (scans and numbers of papers are removed)"),
            redact=_remove_scans,
        ),
        Holding("courses.RunTrainer.person", Fate.KEPT, gettext_lazy("Classes taught")),
        Holding(
            "courses.CourseTrainer.person", Fate.REMOVED, gettext_lazy("Named as trainer on pages of courses")
        ),
        Holding("courses.Enrolment.nominated_by", Fate.OF_OTHERS),
        Holding("courses.Enrolment.approved_by", Fate.OF_OTHERS),
        Holding("courses.ExternalTraining.entered_by", Fate.OF_OTHERS),
        Holding("courses.ExternalTraining.decided_by", Fate.OF_OTHERS),
    )
