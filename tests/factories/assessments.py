"""Banks, quizzes and attempts for tests, made by the real services."""

from datetime import datetime
from itertools import count

from django.utils import timezone

from assessments.models import Attempt, Question, QuestionCategory, Quiz
from assessments.services.attempts import open_tab, save_answer, start_attempt, submit_attempt
from assessments.services.banks import put_category, put_question
from assessments.services.quizzes import put_quiz
from courses.models import Enrolment, ModulePage

from .courses import make_course, make_enrolment, make_run

_numbers = count(1)
SINGLE = [("Phương án đúng", True), ("Phương án sai một", False), ("Phương án sai hai", False)]
MULTIPLE = [("Đúng một", True), ("Đúng hai", True), ("Sai một", False), ("Sai hai", False)]


def make_category(*, singles: int = 0, multiples: int = 0) -> QuestionCategory:
    """A bank with so many ready questions."""
    number = next(_numbers)
    category = put_category(code=f"NH{number}", name=f"Ngân hàng {number}", actor=None, now=timezone.now())
    for _ in range(singles):
        make_question(category)
    for _ in range(multiples):
        make_question(category, kind="multiple", choices=MULTIPLE)
    return category


def make_question(category: QuestionCategory, **fields) -> Question:
    number = next(_numbers)
    values = {
        "code": f"CH{number:05}",  # in the order of making: banks are sorted by code
        "kind": "single",
        "stem": f"Câu hỏi số {number}?",
        "choices": SINGLE,
        "feedback": f"GIẢI THÍCH {number}",
        **fields,
    }
    return put_question(category=category, actor=None, now=timezone.now(), **values)


def make_quiz(*, singles: int = 3, multiples: int = 2, module: ModulePage | None = None, **settings) -> Quiz:
    """A quiz of a new course's module (or of ``module``), drawing its whole bank."""
    module = module or make_course(modules=1, lessons=1).get_children().get().specific
    return put_quiz(
        module=module,
        title=f"Bài kiểm tra {next(_numbers)}",
        draws=[(make_category(singles=singles, multiples=multiples), "", singles + multiples)],
        actor=None,
        now=timezone.now(),
        **settings,
    )


def make_learner_of(quiz: Quiz, **fields) -> Enrolment:
    """An enrolment, being studied, in a new open run of the quiz's course."""
    course = quiz.module.get_parent().specific
    return make_enrolment(run=make_run(course=course), state=Enrolment.State.IN_PROGRESS, **fields)


def begin(quiz: Quiz, enrolment: Enrolment, *, now: datetime | None = None) -> Attempt:
    """An attempt started and opened in a tab; ``tab_token`` is current."""
    now = now or timezone.now()
    attempt = start_attempt(quiz=quiz, enrolment=enrolment, actor=enrolment.learner, now=now)
    open_tab(attempt=attempt, actor=enrolment.learner, now=now)
    attempt.refresh_from_db()
    return attempt


def answer(
    attempt: Attempt, position: int, *, right: bool, sequence: int = 1, now: datetime | None = None
) -> None:
    """Save a wholly right or a wholly wrong answer."""
    row = attempt.questions.select_related("version").get(position=position)
    key = row.version.content["key"]
    wrong = [choice for choice in row.choice_order if choice not in key]
    save_answer(
        attempt_id=attempt.public_id,
        position=position,
        answer={"choices": key if right else wrong[:1]},
        sequence=sequence,
        tab_token=attempt.tab_token,
        actor=attempt.enrolment.learner,
        now=now or timezone.now(),
    )


def sit(quiz: Quiz, enrolment: Enrolment, *, right: int, now: datetime | None = None) -> Attempt:
    """A whole attempt with the first ``right`` questions right and the others wrong."""
    now = now or timezone.now()
    attempt = begin(quiz, enrolment, now=now)
    for position in range(1, attempt.questions.count() + 1):
        answer(attempt, position, right=position <= right, now=now)
    return submit_attempt(attempt=attempt, actor=enrolment.learner, now=now)
