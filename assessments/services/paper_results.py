"""Answers given on paper, entered afterwards: they become an attempt like any other, scored by the same rules.

Who enters types letters and words from the answer sheet; what is frozen is the printed variant, so the score can be made again
from what was entered. An essay is marked on paper: its mark is entered, and counts as that of a marker.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from string import ascii_uppercase

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Attempt, AttemptQuestion, Marking, PrintedPaper, QuestionVersion
from assessments.paper_slots import Unread, fills_from
from assessments.permissions import NoAttemptsLeft, NotStudying, attempts_allowed, can_read_keys
from assessments.scoring import CHOSEN, MARKED, SLOTTED
from courses.models import Enrolment
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

from .answers import LONGEST_TEXT
from .corrected_marks import follow_corrections
from .grading import settle_marks, tell_course

NOON = time(12)
ON_PAPER = {"text": "–"}  # an essay was written; its words lie in a folder


class OpenAttempt(DomainError):
    message = _("This learner is writing the test on line now. Wait until it is handed in.")


class PaperInvalid(DomainError):
    """``place`` is the question's number, or "sat_on"."""

    def __init__(self, message, *, place: int | str):
        super().__init__(message)
        self.place = place


@transaction.atomic
def enter_paper(
    *,
    paper: PrintedPaper,
    enrolment: Enrolment,
    answers: Mapping[int, str],
    sat_on: date,
    actor,
    now: datetime,
) -> Attempt:
    """One learner's answer sheet of a variant, by the numbers of its questions; what is left out was left open.

    Raises NotAllowed, NotStudying, OpenAttempt, NoAttemptsLeft, PaperInvalid.
    """
    if (
        not can_read_keys(actor, paper.run)
        or enrolment.run_id != paper.run_id
        or actor.pk == enrolment.learner_id
    ):
        raise NotAllowed(_("Only trainers of the class and the school enter its papers, never their own."))
    if enrolment.state not in Enrolment.STUDYING_STATES:
        raise NotStudying
    if not paper.run.opens_on <= sat_on <= min(paper.run.closes_on, timezone.localdate(now)):
        raise PaperInvalid(_("The test was sat on a day of the class, not after today."), place="sat_on")
    # Two who enter the same learner's sheet follow each other.
    Enrolment.objects.select_for_update(no_key=True, of=("self",)).get(pk=enrolment.pk)
    attempts = Attempt.objects.filter(quiz=paper.quiz, enrolment=enrolment)
    if attempts.open().exists():
        raise OpenAttempt
    if attempts.count() >= attempts_allowed(paper.quiz, enrolment):
        raise NoAttemptsLeft
    attempt = _write(paper, enrolment, answers, sat_on=sat_on, actor=actor, now=now)
    follow_corrections(attempt)
    fields = settle_marks(attempt)
    Attempt.objects.filter(pk=attempt.pk).update(**fields)
    for name, value in fields.items():
        setattr(attempt, name, value)
    record_event(
        actor=actor,
        action="attempt.entered",
        target=attempt,
        now=now,
        variant=paper.code,
        sat_on=sat_on.isoformat(),
        score=None if attempt.score is None else str(attempt.score),
        max_score=str(attempt.max_score),
        passed=attempt.passed,
    )
    if attempt.passed:
        tell_course(attempt=attempt, actor=actor, now=now)
    return attempt


def _write(
    paper: PrintedPaper,
    enrolment: Enrolment,
    answers: Mapping[int, str],
    *,
    sat_on: date,
    actor,
    now: datetime,
) -> Attempt:
    versions = QuestionVersion.objects.in_bulk([question["version"] for question in paper.questions])
    moment = timezone.make_aware(datetime.combine(sat_on, NOON))
    attempt = Attempt.objects.create(
        quiz=paper.quiz,
        enrolment=enrolment,
        number=Attempt.objects.filter(quiz=paper.quiz, enrolment=enrolment).count() + 1,
        printed_paper=paper,
        entered_by=actor,
        started_at=moment,
        closes_at=moment,
        accepts_until=moment,
        submitted_at=moment,
        # In one transaction with its score: nobody sees it open.
        state=Attempt.State.IN_PROGRESS,
        max_score=sum((Decimal(question["mark"]) for question in paper.questions), Decimal(0)),
        pass_percent=paper.quiz.pass_percent,
        penalty_percent=paper.quiz.penalty_percent,
    )
    for number, question in enumerate(paper.questions, start=1):
        version, mark = versions[question["version"]], Decimal(question["mark"])
        written = answers.get(number, "").strip()
        row = AttemptQuestion.objects.create(
            attempt=attempt,
            version=version,
            position=number,
            choice_order=question["choices"],
            max_mark=mark,
            answer=_answer(version.kind, question["choices"], written, number=number),
            sequence=int(bool(written)),
            saved_at=now if written else None,
        )
        if version.kind in MARKED and written:
            Marking.objects.create(
                row=row, marker=actor, mark=_mark(written, mark, number=number), marked_at=now
            )
    return attempt


def _answer(kind: str, order: list, written: str, *, number: int) -> dict | None:
    if not written:
        return None
    if kind in MARKED:
        return ON_PAPER
    if kind in SLOTTED:
        return {"fills": _fills(kind, order, written, number=number)}
    if kind not in CHOSEN:
        if len(written) > LONGEST_TEXT:
            raise PaperInvalid(_("The answer to question %(n)d is too long.") % {"n": number}, place=number)
        return {"text": nfc(written)}
    letters = [letter for letter in written.upper() if not letter.isspace() and letter not in ",;.+"]
    places = dict(zip(ascii_uppercase, order, strict=False))
    if unknown := [letter for letter in letters if letter not in places]:
        raise PaperInvalid(
            _("Question %(n)d has no choice %(letter)s.") % {"n": number, "letter": unknown[0]}, place=number
        )
    chosen = {places[letter] for letter in letters}
    if kind != "multiple" and len(chosen) > 1:
        raise PaperInvalid(
            _("Question %(n)d takes one choice; leave it empty where several are crossed.") % {"n": number},
            place=number,
        )
    return {"choices": [choice for choice in order if choice in chosen]}


def _fills(kind: str, order: list, written: str, *, number: int) -> dict[str, str]:
    try:
        fills = fills_from(kind, order, nfc(written))
    except Unread as fault:
        message = _("“%(text)s” does not fit question %(n)d.") % {"text": str(fault)[:40], "n": number}
        raise PaperInvalid(message, place=number) from fault
    if any(len(text) > LONGEST_TEXT for text in fills.values()):
        raise PaperInvalid(_("The answer to question %(n)d is too long.") % {"n": number}, place=number)
    return fills


def _mark(written: str, most: Decimal, *, number: int) -> Decimal:
    try:
        mark = Decimal(written.replace(",", ".")).quantize(Decimal("0.01"))
    except ArithmeticError as fault:
        raise PaperInvalid(_("“%(text)s” is no mark.") % {"text": written[:20]}, place=number) from fault
    if not 0 <= mark <= most:
        raise PaperInvalid(_("Give a mark from 0 to %(most)s.") % {"most": most.normalize()}, place=number)
    return mark
