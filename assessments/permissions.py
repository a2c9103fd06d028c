"""Who may keep banks, sit quizzes and read results, and why not."""

import hmac
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import CoursePage, Enrolment, Run, RunTrainer
from lms.core.errors import DomainError
from lms.core.vietnamese import nfc
from lms.organisations.access import access_for
from lms.organisations.models import Role

from .models import Accommodation, Attempt, AttemptQuestion, Quiz
from .networks import is_within

# What the Django group of trainers needs in the Wagtail admin for this room (app label, codename).
TRAINER_PERMISSIONS = [
    ("wagtailadmin", "access_admin"),
    *(
        ("assessments", f"{action}_{model}")
        for model in ("questioncategory", "question", "quiz", "survey")
        for action in ("view", "add", "change", "delete")
    ),
]

# Those who read the results of every class; coordinators read their subtree's, trainers their runs'.
ALL_RESULTS_ROLES = [Role.SCHOOL_ADMINISTRATOR, Role.SCHOOL_LEADER]
RESULT_ROLES = [*ALL_RESULTS_ROLES, Role.COORDINATOR, Role.TRAINER]


class NotStudying(DomainError):
    message = _("You are not studying in this class now, so its quizzes cannot be started.")


class RunNotOpen(DomainError):
    message = _("The class is not open today. Quizzes can be started only on its days of study.")


class NoAttemptsLeft(DomainError):
    message = _("You have used all attempts at this quiz.")


class WaitForMarks(DomainError):
    message = _("Your last attempt is being marked. You can start again when its marks are released.")


class WaitBeforeNextAttempt(DomainError):
    """The pause between two attempts is not over."""


class OutsideWindow(DomainError):
    """Before the quiz opens, or after it has closed."""


class WrongPassword(DomainError):
    message = _("The password of the exam is not right. The supervisor in the room tells it.")


class NetworkNotAllowed(DomainError):
    """The quiz may be started from other networks only."""


def can_keep_banks(user) -> bool:
    """None is the system itself: loading fixtures, importing at the prompt."""
    if user is None or user.is_superuser or user.has_perm("assessments.change_question"):
        return True
    return access_for(user).has(Role.TRAINER, Role.SCHOOL_ADMINISTRATOR)


def can_read_results(user, run: Run) -> bool:
    """Whether the person reads quiz results of a run's learners (which of them, ``visible_to`` says)."""
    access = access_for(user)
    if access.has(*ALL_RESULTS_ROLES):
        return True
    if teaches(user, run):
        return True
    return bool(access.coordinated_paths) and run.enrolments.filter(access.units_q("unit")).exists()


def can_mark(user, run: Run) -> bool:
    """Whether the person marks what is written in a class: its trainers and the school (never one's own answers)."""
    return access_for(user).has(Role.SCHOOL_ADMINISTRATOR) or teaches(user, run)


def can_conduct(user, run: Run) -> bool:
    """Whether the person supervises the sittings of a run: grants, adds time, writes to the learners, stops."""
    return access_for(user).has(Role.SCHOOL_ADMINISTRATOR) or teaches(user, run)


def can_decide_marks(user, row: AttemptQuestion) -> bool:
    """Whether the person settles an answer: the school's administrator any, a marker one on which two marks differ.

    For those who ``can_mark``.
    """
    if access_for(user).has(Role.SCHOOL_ADMINISTRATOR):
        return True
    given = row.markings.filter(decides=False).count()
    settled = row.markings.filter(decides=True).exists()
    return settled or (row.mark is None and given >= row.attempt.quiz.markers)


def can_read_analysis(user, run: Run | None) -> bool:
    """Whether the person reads how a quiz's questions did: in a run, or (None) over all of them."""
    access = access_for(user)
    if access.has(*ALL_RESULTS_ROLES):
        return True
    return run is not None and teaches(user, run)


def can_read_keys(user, run: Run | None) -> bool:
    """Whether the person reads the answer keys of a quiz's questions: who teaches the run, and the training department."""
    if access_for(user).has(Role.SCHOOL_ADMINISTRATOR):
        return True
    return run is not None and teaches(user, run)


def teaches(user, run: Run) -> bool:
    return access_for(user).has(Role.TRAINER) and run.trainer_links.filter(person_id=user.pk).exists()


class OtherClassesToo(DomainError):
    message = _(
        "Tests of classes you do not teach would be marked anew too. Ask the training department to correct the key."
    )


class NotForMarking(DomainError):
    message = _("Only trainers of the class and the training department correct answer keys.")


def why_not_regrade(user, quiz: Quiz) -> DomainError | None:
    """The reason somebody may not correct keys of a quiz, or None: a regrade touches every class that sat it."""
    access = access_for(user)
    if access.has(Role.SCHOOL_ADMINISTRATOR):
        return None
    taught = RunTrainer.objects.filter(person_id=user.pk, run__course__in=_course_of(quiz))
    if not access.has(Role.TRAINER) or not taught.exists():
        return NotForMarking()
    elsewhere = Attempt.objects.filter(quiz=quiz).exclude(enrolment__run__in=taught.values("run"))
    return OtherClassesToo() if elsewhere.exists() else None


def _course_of(quiz: Quiz):
    return CoursePage.objects.ancestor_of(quiz.module).values("pk")


def can_read_surveys(user, run: Run) -> bool:
    """Figures of a class's surveys are for its trainers, the training department and the school's leaders."""
    return access_for(user).has(*ALL_RESULTS_ROLES) or teaches(user, run)


def can_hold_surveys(user, run: Run) -> bool:
    """Opening and closing surveys of a class, and reminding. None is the system itself."""
    return user is None or access_for(user).has(Role.SCHOOL_ADMINISTRATOR) or teaches(user, run)


def can_hold_polls(user, run: Run) -> bool:
    """The same people ask in the classroom."""
    return can_hold_surveys(user, run)


def run_ends_at(run: Run) -> datetime:
    """The first moment after the run's last day."""
    day_after = run.closes_on + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day_after, datetime.min.time()))


def belongs_to_course(quiz: Quiz, run: Run) -> bool:
    return quiz.module.path.startswith(run.course.path)


def attempts_allowed(quiz: Quiz, enrolment: Enrolment) -> int:
    """The quiz's attempts and those granted beside them."""
    return quiz.max_attempts + Accommodation.objects.allowance(quiz=quiz, enrolment=enrolment).attempts


def why_not_start(*, quiz: Quiz, enrolment: Enrolment, now: datetime) -> DomainError | None:
    """The reason a new attempt may not begin now, or None. An open attempt is resumed whatever this says."""
    if enrolment.state not in Enrolment.STUDYING_STATES or not quiz.is_active:
        return NotStudying()
    run = enrolment.run
    if run.state != Run.State.OPEN or not run.opens_on <= timezone.localdate(now) <= run.closes_on:
        return RunNotOpen()
    if quiz.opens_at and now < quiz.opens_at:
        return OutsideWindow(_("This quiz opens at %(time)s.") % {"time": _clock(quiz.opens_at)})
    if quiz.closes_at and now >= quiz.closes_at:
        return OutsideWindow(_("This quiz closed at %(time)s.") % {"time": _clock(quiz.closes_at)})
    used = Attempt.objects.filter(quiz=quiz, enrolment=enrolment).aggregate(
        number=Max("number", default=0),
        ended_at=Max("submitted_at"),
        being_marked=Count("pk", filter=Q(state=Attempt.State.SUBMITTED)),
    )
    if used["being_marked"]:
        return WaitForMarks()
    if used["number"] >= attempts_allowed(quiz, enrolment):
        return NoAttemptsLeft()
    if quiz.wait_minutes and used["ended_at"]:
        may_start_at = used["ended_at"] + timedelta(minutes=quiz.wait_minutes)
        if now < may_start_at:
            return WaitBeforeNextAttempt(
                _("The next attempt may start from %(time)s.") % {"time": _clock(may_start_at)}
            )
    return None


def _clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M, %d/%m/%Y")


def why_not_from(*, quiz: Quiz, address: str) -> DomainError | None:
    """The reason a new attempt may not begin at this network address ("" is none), or None."""
    if is_within(address, quiz.allowed_networks):
        return None
    return NetworkNotAllowed(
        _("This quiz can be started in the network of the exam only. You come from %(address)s.")
        % {"address": address or "–"}
    )


def why_not_enter(
    *, quiz: Quiz, enrolment: Enrolment, password: str, address: str, now: datetime
) -> DomainError | None:
    """All of why a new attempt may not begin: the rules, the network, the password, in this order; or None."""
    if reason := why_not_start(quiz=quiz, enrolment=enrolment, now=now):
        return reason
    if reason := why_not_from(quiz=quiz, address=address):
        return reason
    return None if is_password_of(quiz, password) else WrongPassword()


def is_password_of(quiz: Quiz, password: str) -> bool:
    """Compared in constant time; spaces around it do not matter. A quiz without a password takes anything."""
    told, given = (nfc(words).strip().encode() for words in (quiz.password, password))
    return not told or hmac.compare_digest(told, given)


def latest_end(quiz: Quiz, run: Run, *, extra_minutes: int = 0) -> datetime:
    """No attempt that is begun goes on beyond: the end of the quiz's window, later by what was granted, and the run's."""
    if quiz.closes_at is None:
        return run_ends_at(run)
    return min(run_ends_at(run), quiz.closes_at + timedelta(minutes=extra_minutes))
