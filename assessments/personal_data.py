"""What this room holds about a person, for its export; it hangs on participations and is kept with them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lms.core.spreadsheets import Sheet
from lms.users.holdings import Fate, Holding, register_holdings, register_redaction, register_sheets

from .models import Accommodation, Attempt, AttemptSignal, ExamMessage, SignalNote


def _sheets(person) -> Iterable[Sheet]:
    attempts = Attempt.objects.filter(enrolment__learner=person).select_related("quiz").order_by("pk")
    yield Sheet(
        name=_("Quizzes sat"),
        headings=[
            _("Quiz"),
            _("Attempt"),
            _("State"),
            _("Begun at"),
            _("Handed in"),
            _("Score"),
            _("Maximum"),
            _("Passed"),
        ],
        rows=[
            [
                str(attempt.quiz),
                attempt.number,
                attempt.get_state_display(),
                attempt.started_at,
                attempt.submitted_at,
                attempt.score,
                attempt.max_score,
                {True: _("yes"), False: _("no"), None: ""}[attempt.passed],
            ]
            for attempt in attempts
        ],
        widths=[50, 10, 16, 18, 18, 10, 10, 10],
    )

    granted = Accommodation.objects.filter(enrolment__learner=person).select_related("quiz").order_by("pk")
    yield Sheet(
        name=_("Extra time and attempts"),
        headings=[
            _("Quiz"),
            _("Extra minutes"),
            _("Extra attempts"),
            _("Reason"),
            _("Granted at"),
            _("Withdrawn at"),
        ],
        rows=[
            [
                str(row.quiz),
                row.extra_minutes,
                row.extra_attempts,
                row.reason,
                row.granted_at,
                row.withdrawn_at,
            ]
            for row in granted
        ],
        widths=[50, 12, 12, 40, 18, 18],
    )
    told = (
        ExamMessage.objects.filter(attempt__enrolment__learner=person).select_related("quiz").order_by("pk")
    )
    yield Sheet(
        name=_("Messages in exams"),
        headings=[_("Quiz"), _("Message"), _("Sent at")],
        rows=[[str(row.quiz), row.text, row.sent_at] for row in told],
        widths=[50, 60, 18],
    )
    signals = AttemptSignal.objects.filter(attempt__enrolment__learner=person).select_related("attempt__quiz")
    yield Sheet(
        name=_("Signals in exams"),
        headings=[_("Quiz"), _("Attempt"), _("Signal"), _("Time"), _("Detail")],
        rows=[
            [
                str(row.attempt.quiz),
                row.attempt.number,
                row.get_kind_display(),
                row.at,
                ", ".join(f"{name}: {value}" for name, value in row.detail.items()),
            ]
            for row in signals.order_by("pk")
        ],
        widths=[50, 10, 24, 18, 40],
    )
    notes = SignalNote.objects.filter(attempt__enrolment__learner=person).select_related("attempt__quiz")
    yield Sheet(
        name=_("Notes on signals"),
        headings=[_("Quiz"), _("Attempt"), _("Note"), _("Time")],
        rows=[
            [str(row.attempt.quiz), row.attempt.number, row.text, row.noted_at]
            for row in notes.order_by("pk")
        ],
        widths=[50, 10, 60, 18],
    )


EMPTIED = "–"  # a reason was given; which one is no longer known


def _empty_words(person) -> None:
    """Reasons may tell of somebody's health, notes of what was suspected; where one sat is an address. Results stay."""
    Accommodation.objects.filter(enrolment__learner=person).update(reason=EMPTIED, withdrawal_reason="")
    ExamMessage.objects.filter(attempt__enrolment__learner=person).update(text=EMPTIED)
    SignalNote.objects.filter(attempt__enrolment__learner=person).update(text=EMPTIED)
    AttemptSignal.objects.filter(attempt__enrolment__learner=person, kind=AttemptSignal.Kind.ADDRESS).update(
        detail={"from": EMPTIED, "to": EMPTIED}
    )
    sat = Attempt.objects.filter(enrolment__learner=person)
    sat.update(address="")
    sat.exclude(stop_reason="").update(stop_reason=EMPTIED)


def register() -> None:
    register_sheets(_sheets, order=30)
    register_redaction(_empty_words)
    register_holdings(
        # Who supervised; what is said of the learner hangs on the participation.
        Holding("assessments.Accommodation.granted_by", Fate.OF_OTHERS),
        Holding("assessments.Accommodation.withdrawn_by", Fate.OF_OTHERS),
        Holding("assessments.ExamMessage.sent_by", Fate.OF_OTHERS),
        Holding("assessments.Attempt.stopped_by", Fate.OF_OTHERS),
        Holding("assessments.SignalNote.noted_by", Fate.OF_OTHERS),
    )
