"""What this room holds about a person, for its export; it hangs on participations and is kept with them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lms.core.spreadsheets import Sheet
from lms.users.holdings import Fate, Holding, register_holdings, register_sheets

from .models import Attempt, AttemptQuestion
from .scoring import MARKED


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

    written = (
        AttemptQuestion.objects.filter(attempt__enrolment__learner=person, version__kind__in=MARKED)
        .exclude(answer=None)
        .select_related("attempt__quiz", "version")
        .prefetch_related("markings")
        .order_by("attempt_id", "position")
    )
    yield Sheet(
        name=_("Essays written"),
        headings=[_("Quiz"), _("Attempt"), _("Question"), _("Answer"), _("Mark"), _("Comment of the marker")],
        rows=[_essay_row(row) for row in written],
        widths=[50, 10, 50, 80, 10, 50],
    )


def _essay_row(row: AttemptQuestion) -> list:
    """Mark and comments only once they are released."""
    is_released = row.attempt.state == Attempt.State.GRADED
    comments = [marking.comment for marking in row.markings.all() if not marking.decides and marking.comment]
    return [
        str(row.attempt.quiz),
        row.attempt.number,
        row.version.content["stem"],
        row.answer.get("text", ""),
        row.mark if is_released else None,
        "\n".join(comments) if is_released else "",
    ]


def register() -> None:
    register_holdings(
        Holding("assessments.KeyCorrection.corrected_by", Fate.OF_OTHERS),
        Holding("assessments.PrintedPaper.drawn_by", Fate.OF_OTHERS),
    )
    register_sheets(_sheets, order=30)
    register_holdings(Holding("assessments.Marking.marker", Fate.OF_OTHERS))
