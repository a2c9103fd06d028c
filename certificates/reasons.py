"""Why an enrolment has no right to a certificate, in words for the training office."""

from datetime import date

from django.utils.translation import gettext, ngettext

from courses.models import Enrolment
from lms.core.templatetags.ui import day


def reason_not_eligible(enrolment: Enrolment, *, today: date) -> str:
    """Gives "" for a completed enrolment."""
    states = Enrolment.State
    if enrolment.state == states.COMPLETED:
        return ""
    if enrolment.state == states.NOMINATED:
        return gettext("Nominated, not yet approved into the class.")
    if enrolment.state == states.APPROVED:
        return gettext("Approved, not yet entered in the class.")
    if enrolment.state in Enrolment.STUDYING_STATES:
        return _studying(enrolment, today)
    words = {
        states.FAILED: gettext("Did not pass."),
        states.WITHDRAWN: gettext("Withdrew from the class."),
        states.EXPIRED: gettext("The time of the class ran out."),
    }[states(enrolment.state)]
    return f"{words} {enrolment.end_reason}".strip()


def _studying(enrolment: Enrolment, today: date) -> str:
    left = enrolment.steps_total - enrolment.steps_done
    if enrolment.steps_done == 0:
        words = gettext("Has not begun to study.")
    else:
        words = ngettext(
            "%(left)d of %(total)d lessons and quizzes is still to be done.",
            "%(left)d of %(total)d lessons and quizzes are still to be done.",
            left,
        ) % {"left": left, "total": enrolment.steps_total}
    if enrolment.due_on < today:
        words += " " + gettext("Overdue since %(day)s.") % {"day": day(enrolment.due_on)}
    return words
