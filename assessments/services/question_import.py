"""Questions of a file into one bank. A second run of the same file changes nothing; a bad question never spoils the rest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.media_content import MediaUnfit
from assessments.models import MediaFile, Question, QuestionCategory
from assessments.permissions import can_keep_banks
from assessments.question_content import Words, prose
from assessments.question_files import Found, Refused
from assessments.question_files.found import Text
from lms.core.audit import record_event
from lms.core.errors import NotAllowed
from lms.core.vietnamese import fold, nfc

from .banks import put_question, tidied
from .question_faults import QuestionInvalid

LONGEST_CHOICE = 500


class Outcome(Enum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class ImportedLine:
    """What became of one question of the file."""

    line: int
    outcome: Outcome
    stem: str
    code: str = ""
    reason: Text = ""
    category: str = ""
    file: str = ""  # in a package
    twin: str = ""  # code of another question with the same words


class _Undo(Exception):
    pass


def import_questions(
    questions: Iterable[Found | Refused],
    *,
    category: QuestionCategory,
    actor,
    now: datetime,
    file_format: str,
    ready: bool = False,
    dry_run: bool = False,
) -> list[ImportedLine]:
    """Keep the questions as drafts, or ready for use; ``dry_run`` does it and takes it back. Raises NotAllowed.

    A question is known again by the number the other system gave it, else by its words; its status and difficulty here
    stay when it comes again.
    """
    if not can_keep_banks(actor):
        raise NotAllowed
    lines: list[ImportedLine] = []
    try:
        with transaction.atomic():
            seen: dict[str, int] = {}
            for question in questions:
                line = _keep(question, category=category, actor=actor, now=now, ready=ready, seen=seen)
                lines.append(line)
                if line.outcome is not Outcome.REFUSED:
                    seen.setdefault(line.code, line.line)
            counts = count_outcomes(lines)
            if counts["created"] or counts["changed"]:
                record_event(
                    actor=actor,
                    action="bank.imported",
                    target=category,
                    now=now,
                    format=file_format,
                    **counts,
                )
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    return lines


def count_outcomes(lines: Iterable[ImportedLine]) -> dict[str, int]:
    counts = dict.fromkeys((outcome.value for outcome in Outcome), 0)
    for line in lines:
        counts[line.outcome.value] += 1
    return counts


def code_of(question: Found, category: QuestionCategory) -> str:
    """The bank's code with the number there, or with a mark of the words: the same words give the same code.

    What this platform has written out names its own code.
    """
    if question.code:
        return question.code
    asked = question.words
    words = "\n".join(
        [fold(asked.stem), *sorted(fold(f"{row.text} {row.match}".rstrip()) for row in asked.rows)]
    )
    if question.number_there.startswith(f"{category.code}-"):
        return question.number_there[:64]
    mark = question.number_there or hashlib.sha256(words.encode()).hexdigest()[:10]
    return f"{category.code}-{mark}"[:64]


def _keep(
    question: Found | Refused,
    *,
    category: QuestionCategory,
    actor,
    now: datetime,
    ready: bool,
    seen: dict[str, int],
) -> ImportedLine:
    if isinstance(question, Refused):
        return ImportedLine(
            question.line, Outcome.REFUSED, question.stem, reason=question.reason, file=question.file
        )
    code = nfc(code_of(question, category))

    def line(outcome: Outcome, **more: Text) -> ImportedLine:
        return ImportedLine(
            question.line,
            outcome,
            question.words.stem,
            code=code,
            category=question.category,
            file=question.file,
            **more,
        )

    if code in seen:
        # The first counts: two that take turns would change each other at every run.
        return line(
            Outcome.UNCHANGED, reason=_("The same question as in line %(line)d.") % {"line": seen[code]}
        )
    standing = Question.objects.filter(code=code).prefetch_related("choices", "media__stored").first()
    if standing and standing.category_id != category.pk:
        reason = _("The code %(code)s is taken in the bank %(bank)s.") % {
            "code": code,
            "bank": standing.category.code,
        }
        return line(Outcome.REFUSED, reason=reason)
    try:
        question = _with_sources(question)
    except MediaUnfit as fault:
        return line(Outcome.REFUSED, reason=fault.message)
    if standing and _says_the_same(standing, question):
        return line(Outcome.UNCHANGED)
    words, difficulty = _as_set_here(standing, question)
    try:
        if any(len(part) > LONGEST_CHOICE for row in words.rows for part in (row.text, row.match)):
            raise QuestionInvalid(
                _("A choice is longer than %(most)d characters.") % {"most": LONGEST_CHOICE}, place="choices"
            )
        with transaction.atomic():
            kept = put_question(
                category=category,
                code=code,
                kind=words.kind,
                stem=words.stem,
                choices=words.rows,
                feedback=words.feedback,
                tolerance=words.tolerance,
                units=words.units,
                credit=words.credit,
                media=question.media or None,
                matching=words.matching,
                difficulty=difficulty,
                status=standing.status
                if standing
                else Question.Status.READY
                if ready
                else Question.Status.DRAFT,
                actor=actor,
                now=now,
            )
    except QuestionInvalid as fault:
        return line(Outcome.REFUSED, reason=fault.message)
    except ValidationError as fault:
        return line(Outcome.REFUSED, reason=" ".join(fault.messages))
    twin = kept.twins.first()
    return line(Outcome.CHANGED if standing else Outcome.CREATED, twin=twin.code if twin else "")


def _as_set_here(standing: Question | None, question: Found) -> tuple[Words, str]:
    """(words, difficulty): what is set here of how closely answers match and what parts earn stays, unless the file says all."""
    words = _as_kept(question.words)
    if standing is None:
        return words, question.difficulty or Question._meta.get_field("difficulty").default
    if not question.media:
        # What brings no pictures leaves those that are here.
        words = words._replace(media=standing.words.media)
    if question.says_all:
        return words, question.difficulty or standing.difficulty
    return words._replace(matching=standing.matching, credit=standing.credit), standing.difficulty


def _with_sources(question: Found) -> Found:
    """Its files as they would be kept here, to be compared with those that are. Raises MediaUnfit."""
    kept = tuple((name, MediaFile.source_for(content)) for name, content in sorted(question.media.items()))
    return replace(question, words=question.words._replace(media=kept)) if kept else question


def _says_the_same(standing: Question, question: Found) -> bool:
    words, difficulty = _as_set_here(standing, question)
    return (standing.words, standing.difficulty) == (words, difficulty)


def _as_kept(words: Words) -> Words:
    return words._replace(
        stem=prose(words.stem),
        feedback=prose(words.feedback),
        units=nfc(words.units),
        rows=[tidied(row) for row in words.rows],
    )
