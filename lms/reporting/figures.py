"""What each figure counts: one definition for the page, the lists behind it, the exports and the command.

Every definition is *as at* a day: what had happened by its end in Viet Nam. A participation (lượt) counts from the
moment it is enrolled; a nomination alone does not. On any day a participation is in exactly one of PARTS, so the parts
add up to the participations.
"""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Enrolment
from courses.obligations import end_of

COMPLETED, NOT_STARTED, IN_PROGRESS, OVERDUE = "completed", "not_started", "in_progress", "overdue"
FAILED, WITHDRAWN = "failed", "withdrawn"
PARTS = [COMPLETED, IN_PROGRESS, NOT_STARTED, OVERDUE, FAILED, WITHDRAWN]

LABELS = {
    "staff": _("staff"),
    "participations": _("participations"),
    "persons": _("persons"),
    COMPLETED: _("completed"),
    IN_PROGRESS: _("in progress"),
    NOT_STARTED: _("not started"),
    OVERDUE: _("overdue"),
    FAILED: _("did not pass"),
    WITHDRAWN: _("withdrawn"),
    "certificates": _("certificates"),
}


def enrolled_by(day: date) -> Q:
    return Q(enrolled_at__lt=end_of(day))


def conditions(day: date) -> dict[str, Q]:
    """Part → condition on enrolments that were enrolled by the day."""
    end = end_of(day)
    not_completed = Q(completed_at__isnull=True) | Q(completed_at__gte=end)
    not_ended = Q(ended_at__isnull=True) | Q(ended_at__gte=end)
    not_started = Q(started_at__isnull=True) | Q(started_at__gte=end)
    studying = not_completed & not_ended
    ended = not_completed & Q(ended_at__lt=end)
    return {
        COMPLETED: Q(completed_at__lt=end),
        IN_PROGRESS: studying & Q(due_on__gte=day, started_at__lt=end),
        NOT_STARTED: studying & Q(due_on__gte=day) & not_started,
        OVERDUE: studying & Q(due_on__lt=day),
        FAILED: ended & Q(state__in=[Enrolment.State.FAILED, Enrolment.State.EXPIRED]),
        WITHDRAWN: ended & ~Q(state__in=[Enrolment.State.FAILED, Enrolment.State.EXPIRED]),
    }
