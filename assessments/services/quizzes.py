"""Writes to quizzes, and the draw of questions from the banks."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Question, QuestionCategory, Quiz, QuizDraw
from assessments.permissions import can_keep_banks
from courses.models import CoursePage, ModulePage
from courses.services.progress import drop_criterion, require_criterion
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

CRITERION_KIND = "quiz"
_random = SystemRandom()


class QuizInvalid(DomainError):
    """The quiz cannot be drawn. ``place`` is the index of the draw at fault, or None for the quiz as a whole."""

    def __init__(self, message, *, place: int | None = None):
        super().__init__(message)
        self.place = place


class QuizNotReady(DomainError):
    message = _("This quiz has too few questions ready. Please tell the school.")


@dataclass(frozen=True)
class DrawRule:
    """``count`` questions of a bank; ``difficulty`` "" takes any."""

    category: QuestionCategory
    difficulty: str
    count: int


def _ready_counts(category_ids: Iterable[int]) -> dict[int, Counter]:
    """Ready questions by bank and difficulty."""
    counts: dict[int, Counter] = defaultdict(Counter)
    ready = Question.objects.filter(
        category_id__in=set(category_ids), status=Question.Status.READY, current_version__isnull=False
    )
    for category_id, difficulty in ready.values_list("category_id", "difficulty"):
        counts[category_id][difficulty] += 1
    return counts


def find_faults(draws: list[DrawRule]) -> list[QuizInvalid]:
    """Draws larger than what the banks hold, each told at its place.

    Draws of one difficulty take first; draws of any difficulty share what is left of the bank.
    """
    if not draws:
        return [QuizInvalid(_("Say from which bank the questions are drawn, and how many."))]
    faults = []
    left = _ready_counts(draw.category.pk for draw in draws)
    for index, draw in sorted(enumerate(draws), key=lambda pair: not pair[1].difficulty):
        there = left[draw.category.pk]
        available = there[draw.difficulty] if draw.difficulty else there.total()
        if draw.count > available:
            faults.append(
                QuizInvalid(
                    _(
                        "%(wanted)d questions are asked for, but %(available)d are ready for this draw in bank %(bank)s."
                    )
                    % {"wanted": draw.count, "available": available, "bank": draw.category.code},
                    place=index,
                )
            )
        taken = min(draw.count, available)
        if draw.difficulty:
            there[draw.difficulty] -= taken
        else:
            for difficulty in list(there):
                here = min(taken, there[difficulty])
                there[difficulty] -= here
                taken -= here
    return sorted(faults, key=lambda fault: fault.place or 0)


def draw_versions(quiz: Quiz) -> list[int]:
    """Version ids at random by the quiz's draws, none twice; in two queries.

    Raises QuizNotReady when the banks have become too small since the quiz was saved.
    """
    draws = sorted(quiz.draws.all(), key=lambda draw: not draw.difficulty)
    pool: dict[int, list[tuple[str, int]]] = defaultdict(list)
    ready = Question.objects.filter(
        category_id__in={draw.category_id for draw in draws},
        status=Question.Status.READY,
        current_version__isnull=False,
    ).order_by("code")
    for category_id, difficulty, version_id in ready.values_list(
        "category_id", "difficulty", "current_version_id"
    ):
        pool[category_id].append((difficulty, version_id))
    drawn: list[int] = []
    for draw in draws:
        taken = set(drawn)
        candidates = [
            version_id
            for difficulty, version_id in pool[draw.category_id]
            if version_id not in taken and draw.difficulty in ("", difficulty)
        ]
        if len(candidates) < draw.count:
            raise QuizNotReady
        chosen = _random.sample(candidates, draw.count)
        # In bank order unless the quiz shuffles everything below.
        drawn += [version_id for version_id in candidates if version_id in set(chosen)]
    if not drawn:
        raise QuizNotReady
    if quiz.shuffle:
        _random.shuffle(drawn)
    return drawn


def shuffled(ids: list[str]) -> list[str]:
    return _random.sample(ids, len(ids))


@transaction.atomic
def register_quiz(*, quiz: Quiz, actor, now: datetime, created: bool) -> Quiz:
    """After a quiz was written: record it, and make it (or no longer) a condition of its course."""
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change quizzes."))
    draws = [DrawRule(draw.category, draw.difficulty, draw.count) for draw in quiz.draws.all()]
    if quiz.is_active and (faults := find_faults(draws)):
        raise faults[0]
    module = quiz.module.specific.canonical
    if module.pk != quiz.module_id:
        quiz.module = module
        quiz.save(update_fields=["module"])
    record_event(
        actor=actor,
        action="quiz.created" if created else "quiz.changed",
        target=quiz,
        now=now,
        pass_percent=quiz.pass_percent,
        max_attempts=quiz.max_attempts,
        time_limit_minutes=quiz.time_limit_minutes,
        is_active=quiz.is_active,
        counted=quiz.counted,
        entry={
            "opens_at": quiz.opens_at and quiz.opens_at.isoformat(),
            "closes_at": quiz.closes_at and quiz.closes_at.isoformat(),
            "asks_password": bool(quiz.password),
            "networks": quiz.allowed_networks.split(),
        },
        draws=[
            {"bank": draw.category.code, "difficulty": draw.difficulty, "count": draw.count} for draw in draws
        ],
    )
    if quiz.is_active:
        require_criterion(
            course=CoursePage.objects.parent_of(module).get(),
            module=module,
            kind=CRITERION_KIND,
            key=str(quiz.pk),
            title=quiz.title,
            title_en=quiz.title_en,
            actor=actor,
            now=now,
        )
    elif not created:
        drop_criterion(kind=CRITERION_KIND, key=str(quiz.pk), actor=actor, now=now)
    return quiz


@transaction.atomic
def put_quiz(
    *,
    module: ModulePage,
    title: str,
    draws: Iterable[tuple[QuestionCategory, str, int]],
    actor,
    now: datetime,
    title_en: str = "",
    time_limit_minutes: int = 30,
    pass_percent: int = 50,
    max_attempts: int = 3,
    wait_minutes: int = 0,
    review: str = Quiz.Review.AFTER_SUBMIT,
) -> Quiz:
    """The quiz of this title in a module, made or brought to these settings; the same settings change nothing.

    ``draws`` are (bank, difficulty or "", count). For loaders; raises QuizInvalid.
    """
    module = module.canonical
    rows = [DrawRule(category, difficulty, count) for category, difficulty, count in draws]
    if faults := find_faults(rows):
        raise faults[0]
    settings = {
        "title_en": nfc(title_en),
        "time_limit_minutes": time_limit_minutes,
        "pass_percent": pass_percent,
        "max_attempts": max_attempts,
        "wait_minutes": wait_minutes,
        "review": review,
    }
    quiz = Quiz.objects.filter(module=module, title=nfc(title)).first()
    created = quiz is None
    if quiz is None:
        quiz = Quiz(module=module, title=nfc(title))
    else:
        standing = [DrawRule(draw.category, draw.difficulty, draw.count) for draw in quiz.draws.all()]
        if standing == rows and all(getattr(quiz, name) == value for name, value in settings.items()):
            return quiz
    for name, value in settings.items():
        setattr(quiz, name, value)
    quiz.draws.set(
        [
            QuizDraw(sort_order=order, category=row.category, difficulty=row.difficulty, count=row.count)
            for order, row in enumerate(rows)
        ]
    )
    quiz.full_clean()
    quiz.save()
    return register_quiz(quiz=quiz, actor=actor, now=now, created=created)
