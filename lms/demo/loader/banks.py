"""Question banks and quizzes from the ``questions.yaml`` of each module.

A bank belongs to a module, a quiz to a module of one course: courses made of the same module draw from one bank.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from assessments.models import Question, QuestionCategory, Quiz
from assessments.services.banks import put_category, put_question
from assessments.services.quizzes import put_quiz
from courses.models import ModulePage
from lms.core.errors import DomainError

from ..markdown import ContentError
from .programme import ModuleSource


@transaction.atomic
def load_banks(sources: Iterable[ModuleSource], *, now: datetime) -> dict[str, QuestionCategory]:
    """The banks by code. A question that exists keeps the words it has."""
    banks = {bank.code: bank for bank in QuestionCategory.objects.all()}
    known = set(Question.objects.values_list("code", flat=True))
    for source in sources:
        if source.code not in banks:
            banks[source.code] = put_category(
                code=source.code, name=source.meta["title"], actor=None, now=now
            )
        for row in source.questions["questions"]:
            if row["id"] not in known:
                _load_question(source, row, banks[source.code], now=now)
    return banks


def _load_question(
    source: ModuleSource, row: dict[str, Any], bank: QuestionCategory, *, now: datetime
) -> None:
    try:
        put_question(
            category=bank,
            code=row["id"],
            kind=row["kind"],
            difficulty=row["difficulty"],
            stem=row["stem"],
            choices=[(choice["text"], bool(choice.get("correct"))) for choice in row["choices"]],
            feedback=row["feedback"],
            actor=None,
            now=now,
        )
    except DomainError as error:
        path = source.folder / "questions.yaml"
        lines = path.read_text(encoding="utf-8").split("\n")
        place = next((number for number, line in enumerate(lines, start=1) if row["id"] in line), 1)
        raise ContentError(path, place, f"{row['id']}: {error}") from error


@transaction.atomic
def load_quizzes(
    modules: dict[tuple[str, str], ModulePage],
    *,
    sources: dict[str, ModuleSource],
    banks: dict[str, QuestionCategory],
    now: datetime,
) -> None:
    """One quiz for each module of each course, where there is none yet."""
    have = set(Quiz.objects.values_list("module_id", flat=True))
    for (_course, code), module in modules.items():
        if module.pk in have:
            continue
        quiz = sources[code].questions["quiz"]
        put_quiz(
            module=module,
            title=quiz["title"],
            title_en=quiz["title_en"],
            draws=[(banks[code], "", quiz["draw"])],
            time_limit_minutes=quiz["time_limit_minutes"],
            pass_percent=quiz["pass_percent"],
            max_attempts=quiz["attempts"],
            actor=None,
            now=now,
        )
