"""What this room holds about a person, for its export; it hangs on participations and is kept with them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lms.core.spreadsheets import Sheet
from lms.users.holdings import Fate, Holding, register_holdings, register_sheets

from .models import Attempt


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


def register() -> None:
    register_holdings(
        Holding("assessments.KeyCorrection.corrected_by", Fate.OF_OTHERS),
        Holding("assessments.PrintedPaper.drawn_by", Fate.OF_OTHERS),
    )
    register_sheets(_sheets, order=30)
