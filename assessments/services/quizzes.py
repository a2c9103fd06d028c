"""Writes to quizzes, and the draw of questions from the banks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import SystemRandom

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.drawing import Demand, draw_at_random
from assessments.models import Question, QuestionCategory, Quiz, QuizDraw
from assessments.models.banks import STEP
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
    """``count`` questions of a bank and those inside it, ``difficulty`` "" for any; or one ``question``."""

    category: QuestionCategory | None
    difficulty: str
    count: int
    mark: Decimal = Decimal(1)
    section: str = ""
    question: Question | None = None

    @classmethod
    def of(cls, row: QuizDraw) -> "DrawRule":
        return cls(row.category, row.difficulty, row.count, row.mark, row.section, row.question)

    @property
    def as_data(self) -> dict[str, object]:
        """For the audit trail."""
        source = {"question": self.question.code} if self.question else {"bank": self.category.code}
        more = {"section": self.section} if self.section else {}
        return source | {"difficulty": self.difficulty, "count": self.count, "mark": str(self.mark)} | more


@dataclass(frozen=True)
class Ready:
    """A question that can be asked."""

    question_id: int
    version_id: int
    path: str
    difficulty: str
    code: str


def _ready_questions(rules: Iterable[DrawRule]) -> list[Ready]:
    """Those the draws may take; one query."""
    wanted = Q(pk__in=[rule.question.pk for rule in rules if rule.question])
    for path in {rule.category.path for rule in rules if rule.category}:
        wanted |= Q(category__path=path) | Q(category__path__startswith=f"{path}{STEP}")
    ready = Question.objects.filter(wanted, status=Question.Status.READY, current_version__isnull=False)
    columns = ("pk", "current_version_id", "category__path", "difficulty", "code")
    return [Ready(*row) for row in ready.order_by("code").values_list(*columns)]


def _demand(rule: DrawRule, ready: list[Ready]) -> Demand:
    if rule.question:
        return Demand(1, frozenset(one.version_id for one in ready if one.question_id == rule.question.pk))
    inside = f"{rule.category.path}{STEP}"
    return Demand(
        rule.count,
        frozenset(
            one.version_id
            for one in ready
            if (one.path == rule.category.path or one.path.startswith(inside))
            and rule.difficulty in ("", one.difficulty)
        ),
    )


def find_faults(draws: list[DrawRule]) -> list[QuizInvalid]:
    """Draws larger than what the banks hold, each told at its place; draws that share questions are counted together."""
    if not draws:
        return [QuizInvalid(_("Say from which bank the questions are drawn, and how many."))]
    faults = []
    for index, rule in enumerate(draws):
        if bool(rule.category) == bool(rule.question):
            message = _("Choose a bank or one question, not both.")
            faults.append(QuizInvalid(message, place=index))
    if faults:
        return faults
    ready = _ready_questions(draws)
    drawn = draw_at_random([_demand(rule, ready) for rule in draws], _random)
    for index, (rule, missing) in enumerate(zip(draws, drawn.missing, strict=True)):
        if not missing:
            continue
        if rule.question:
            message = _("The question %(code)s is not ready for use, or drawn already.") % {
                "code": rule.question.code
            }
        else:
            message = _(
                "%(wanted)d questions are asked for, but %(available)d are ready for this draw in bank %(bank)s."
            ) % {"wanted": rule.count, "available": rule.count - missing, "bank": rule.category.code}
        faults.append(QuizInvalid(message, place=index))
    return faults


@dataclass(frozen=True)
class DrawnQuestion:
    version_id: int
    mark: Decimal
    section: str


@dataclass(frozen=True)
class DrawSource:
    """The quiz's draws and what the banks hold for them now; to draw from once or many times."""

    quiz: Quiz
    rules: list[DrawRule]
    ready: list[Ready]

    @classmethod
    def of(cls, quiz: Quiz) -> "DrawSource":
        """Two queries."""
        rules = draw_rules(quiz)
        return cls(quiz, rules, _ready_questions(rules))

    def draw(self) -> list[DrawnQuestion]:
        """What an attempt asks, none twice, in the order of its sections.

        Raises QuizNotReady when the banks have become too small since the quiz was saved.
        """
        drawn = draw_at_random([_demand(rule, self.ready) for rule in self.rules], _random)
        if not self.rules or not drawn.is_complete:
            raise QuizNotReady
        # In bank order unless the quiz shuffles each section below.
        place = {one.version_id: number for number, one in enumerate(self.ready)}
        sections: dict[str, list[DrawnQuestion]] = {}
        for rule, chosen in zip(self.rules, drawn.chosen, strict=True):
            questions = [
                DrawnQuestion(version, rule.mark, rule.section)
                for version in sorted(chosen, key=place.__getitem__)
            ]
            sections.setdefault(rule.section, []).extend(questions)
        if self.quiz.shuffle:
            for questions in sections.values():
                _random.shuffle(questions)
        return [question for questions in sections.values() for question in questions]


def draw_rules(quiz: Quiz) -> list[DrawRule]:
    """One query."""
    return [DrawRule.of(row) for row in quiz.draws.select_related("category", "question")]


@transaction.atomic
def register_quiz(*, quiz: Quiz, actor, now: datetime, created: bool) -> Quiz:
    """After a quiz was written: record it, and make it (or no longer) a condition of its course."""
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change quizzes."))
    draws = [DrawRule.of(row) for row in quiz.draws.all()]
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
        review=quiz.review,
        navigation=quiz.navigation,
        entry={
            "opens_at": quiz.opens_at and quiz.opens_at.isoformat(),
            "closes_at": quiz.closes_at and quiz.closes_at.isoformat(),
            "asks_password": bool(quiz.password),
            "networks": quiz.allowed_networks.split(),
        },
        draws=[rule.as_data for rule in draws],
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
    draws: Iterable[tuple],
    actor,
    now: datetime,
    title_en: str = "",
    time_limit_minutes: int = 30,
    pass_percent: int = 50,
    max_attempts: int = 3,
    wait_minutes: int = 0,
    review: str = Quiz.Review.AFTER_SUBMIT,
    navigation: str = Quiz.Navigation.ALL,
) -> Quiz:
    """The quiz of this title in a module, made or brought to these settings; the same settings change nothing.

    ``draws`` are the fields of a ``DrawRule`` in order: (bank, difficulty or "", count, …). For loaders; raises QuizInvalid.
    """
    module = module.canonical
    rows = [DrawRule(*fields) for fields in draws]
    if faults := find_faults(rows):
        raise faults[0]
    settings = {
        "title_en": nfc(title_en),
        "time_limit_minutes": time_limit_minutes,
        "pass_percent": pass_percent,
        "max_attempts": max_attempts,
        "wait_minutes": wait_minutes,
        "review": review,
        "navigation": navigation,
    }
    quiz = Quiz.objects.filter(module=module, title=nfc(title)).first()
    created = quiz is None
    if quiz is None:
        quiz = Quiz(module=module, title=nfc(title))
    else:
        standing = [DrawRule.of(row) for row in quiz.draws.all()]
        if standing == rows and all(getattr(quiz, name) == value for name, value in settings.items()):
            return quiz
    for name, value in settings.items():
        setattr(quiz, name, value)
    quiz.draws.set(
        [
            QuizDraw(
                sort_order=order,
                category=row.category,
                difficulty=row.difficulty,
                count=row.count,
                mark=row.mark,
                section=row.section,
                question=row.question,
            )
            for order, row in enumerate(rows)
        ]
    )
    quiz.full_clean()
    quiz.save()
    return register_quiz(quiz=quiz, actor=actor, now=now, created=created)
