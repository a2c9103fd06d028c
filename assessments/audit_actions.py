"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "attempt.started": _("Test begun"),
    "attempt.submitted": _("Test handed in"),
    "bank.changed": _("Question bank changed"),
    "bank.imported": _("Questions taken over into a bank"),
    "bank.created": _("Question bank made"),
    "poll.closed": _("Poll closed"),
    "poll.created": _("Poll made"),
    "poll.opened": _("Poll opened"),
    "poll.results_hidden": _("Results of a poll hidden from voters"),
    "poll.results_shown": _("Results of a poll shown to voters"),
    "question.deleted": _("Question deleted"),
    "question.versioned": _("Question written anew"),
    "questioncategory.deleted": _("Question bank deleted"),
    "quiz.changed": _("Test changed"),
    "quiz.created": _("Test made"),
    "quiz.deleted": _("Test deleted"),
    "survey.answered": _("Survey answered"),
    "survey.changed": _("Survey changed"),
    "survey.closed": _("Survey of a class closed"),
    "survey.created": _("Survey made"),
    "survey.deleted": _("Survey deleted"),
    "survey.opened": _("Survey opened for a class"),
    "survey.reminded": _("Reminder of a survey sent"),
    "survey.unrequired": _("Survey no longer required"),
}
