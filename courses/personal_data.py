"""What this room holds about a person, for its export and its erasure; see ``lms.users.holdings``."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db import models, transaction
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
    Merge,
    Merged,
    register_files,
    register_holdings,
    register_merge_obstacle,
    register_obstacle,
    register_sheets,
)

from .exports import state_words
from .models import (
    Attendance,
    CourseTrainer,
    Enrolment,
    Exemption,
    ExternalTraining,
    LessonProgress,
    RequirementMember,
    RunTrainer,
    Session,
)
from .services.enrolments import give_way

State = Enrolment.State


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
    attended = (
        Attendance.objects.filter(enrolment__learner=person)
        .select_related("session__run")
        .order_by("session__day", "session__begins_at", "pk")
    )
    yield Sheet(
        name=_("Attendance"),
        headings=[_("Class"), _("Session"), _("State"), _("Reason")],
        rows=[
            [row.session.run.display_title, str(row.session), row.get_state_display(), row.reason]
            for row in attended
        ],
        widths=[40, 60, 20, 30],
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
    exempt = Exemption.objects.filter(person=person).select_related("requirement").order_by("pk")
    yield Sheet(
        name=_("Exemptions"),
        headings=[_("Requirement"), _("From"), _("To"), _("Reason"), _("Number of the paper")],
        rows=[
            [row.requirement.title, row.valid_from, row.valid_to, row.reason, row.document_number]
            for row in exempt
        ],
        widths=[40, 14, 14, 40, 24],
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
    for row in Exemption.objects.filter(person=person).exclude(scan="").order_by("pk"):
        ending = row.scan.name.rpartition(".")[2]
        yield HeldFile(f"mien-hoc/{row.pk}.{ending}", private_storage(), row.scan.name)


def _remove_scans(trainings: QuerySet) -> None:
    """The papers show name and birth; that the course was taken stays."""
    names = list(trainings.exclude(scan="").values_list("scan", flat=True))
    trainings.update(scan="", document_number="")
    storage = private_storage()
    # A file that was deleted does not come back with a transaction that fails.
    transaction.on_commit(lambda: [storage.delete(name) for name in names])


def _remove_reasons(exemptions: QuerySet) -> None:
    """Why somebody was exempt may tell of health or family; that the figures counted the exemption stays."""
    names = list(exemptions.exclude(scan="").values_list("scan", flat=True))
    exemptions.update(scan="", document_number="", reason="–")
    storage = private_storage()
    transaction.on_commit(lambda: [storage.delete(name) for name in names])


def _forget_reasons(enrolments: QuerySet) -> None:
    """Why somebody was away from a session says more than the figures need; that leave was given stays."""
    Attendance.objects.filter(enrolment__in=enrolments).exclude(reason="").update(reason="–")


def _still_studying(person, *, on: date) -> Iterable[Promise]:
    if Enrolment.objects.filter(learner=person).exclude(state__in=Enrolment.ENDED_STATES).exists():
        yield gettext_lazy("Complete or end the participations of this person first.")


# How far a participation has come; the further one is kept when two accounts took part in one class.
_RANK = {State.COMPLETED: 4, State.IN_PROGRESS: 3, State.ENROLLED: 2, State.APPROVED: 1, State.NOMINATED: 1}


def _standing(enrolment: Enrolment) -> tuple[int, int]:
    return _RANK.get(enrolment.state, 0), enrolment.steps_done


def _same_class(kept, closed) -> list[tuple[Enrolment, Enrolment]]:
    """Pairs of participations in one class, of the account that goes on and of the one that is closed."""
    ours = {row.run_id: row for row in Enrolment.objects.filter(learner=kept).select_related("run__course")}
    theirs = (
        Enrolment.objects.filter(learner=closed, run__in=ours).select_related("run__course").order_by("pk")
    )
    return [(ours[row.run_id], row) for row in theirs]


def _further_in_a_class(kept, closed) -> Iterable[str]:
    for ours, theirs in _same_class(kept, closed):
        if _standing(theirs) > _standing(ours):
            yield _(
                "In “%(run)s” the account that would be closed has come further. Keep that account instead, or have it "
                "withdrawn from the class first."
            ) % {"run": ours.run.display_title}


def _merge_enrolments(accounts: Merge) -> Merged:
    """In a class both took part in, the participation that came less far stays, withdrawn: one person counts once."""
    both = [theirs for _ours, theirs in _same_class(accounts.kept, accounts.closed)]
    for enrolment in both:
        if enrolment.state != State.WITHDRAWN:
            give_way(enrolment=enrolment, actor=accounts.actor, now=accounts.now)
    others = Enrolment.objects.filter(learner=accounts.closed).exclude(pk__in=[row.pk for row in both])
    why = gettext_lazy("both accounts took part in the same class; this participation is withdrawn")
    return Merged(others.update(learner=accounts.kept), len(both), why)


def _merge_external(accounts: Merge) -> Merged:
    live = ExternalTraining.LIVE_STATES
    ours = ExternalTraining.objects.filter(person=accounts.kept, state__in=live)
    entered_twice = set(ours.values_list("title", "finished_on"))
    moved = left = 0
    for training in ExternalTraining.objects.filter(person=accounts.closed).order_by("pk"):
        if training.state in live and (training.title, training.finished_on) in entered_twice:
            left += 1
        else:
            moved += ExternalTraining.objects.filter(pk=training.pk).update(person=accounts.kept)
    return Merged(moved, left, gettext_lazy("entered for both accounts; once is enough"))


def _merge_links(model: type[models.Model], name: str) -> Callable[[Merge], Merged]:
    """What the account that goes on is linked with as well is not needed twice."""

    def merge(accounts: Merge) -> Merged:
        rows = model._base_manager.filter(person=accounts.closed)
        has = list(model._base_manager.filter(person=accounts.kept).values_list(name, flat=True))
        return Merged(rows.exclude(**{f"{name}__in": has}).update(person=accounts.kept))

    return merge


def _merge_sessions(accounts: Merge) -> Merged:
    return Merged(Session.objects.filter(trainer=accounts.closed).update(trainer=accounts.kept))


def register() -> None:
    register_sheets(_sheets, order=20)
    register_files(_scans)
    register_obstacle(_still_studying)
    register_merge_obstacle(_further_in_a_class)
    register_holdings(
        Holding(
            "courses.Enrolment.learner",
            Fate.KEPT,
            gettext_lazy("Participations, lessons studied, quizzes sat"),
            redact=_forget_reasons,
            merge=_merge_enrolments,
        ),
        Holding(
            "courses.ExternalTraining.person",
            Fate.KEPT,
            gettext_lazy("Training elsewhere (scans and numbers of papers are removed)"),
            redact=_remove_scans,
            merge=_merge_external,
        ),
        Holding(
            "courses.Exemption.person",
            Fate.KEPT,
            gettext_lazy("Exemptions from required courses (reasons and papers are removed)"),
            redact=_remove_reasons,
            merge=_merge_links(Exemption, "requirement"),
        ),
        Holding(
            "courses.RequirementMember.person",
            Fate.KEPT,
            gettext_lazy("Lists of people who have to complete a course"),
            merge=_merge_links(RequirementMember, "requirement"),
        ),
        Holding(
            "courses.RunTrainer.person",
            Fate.KEPT,
            gettext_lazy("Classes taught"),
            merge=_merge_links(RunTrainer, "run"),
        ),
        Holding(
            "courses.CourseTrainer.person",
            Fate.REMOVED,
            gettext_lazy("Named as trainer on pages of courses"),
            merge=_merge_links(CourseTrainer, "course"),
        ),
        Holding(
            "courses.Session.trainer",
            Fate.KEPT,
            gettext_lazy("Sessions of classes taught"),
            merge=_merge_sessions,
        ),
        Holding("courses.Enrolment.nominated_by", Fate.OF_OTHERS),
        Holding("courses.Attendance.marked_by", Fate.OF_OTHERS),
        Holding("courses.Enrolment.approved_by", Fate.OF_OTHERS),
        Holding("courses.Exemption.granted_by", Fate.OF_OTHERS),
        Holding("courses.Recognition.recognised_by", Fate.OF_OTHERS),
        Holding("courses.Requirement.created_by", Fate.OF_OTHERS),
        Holding("courses.ExternalTraining.entered_by", Fate.OF_OTHERS),
        Holding("courses.ExternalTraining.decided_by", Fate.OF_OTHERS),
    )
