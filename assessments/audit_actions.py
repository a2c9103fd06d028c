"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "accommodation.granted": _("Extra time or attempts granted"),
    "accommodation.withdrawn": _("Extra time or attempts withdrawn"),
    "attempt.extended": _("Time added to open tests"),
    "attempt.started": _("Test begun"),
    "attempt.signals_noted": _("Signals of a test reviewed"),
    "attempt.stopped": _("Test ended by the supervisor"),
    "attempt.submitted": _("Test handed in"),
    "exam_message.sent": _("Message sent to those writing a test"),
    "bank.changed": _("Question bank changed"),
    "bank.imported": _("Questions taken over into a bank"),
    "bank.created": _("Question bank made"),
    "question.deleted": _("Question deleted"),
    "question.versioned": _("Question written anew"),
    "questioncategory.deleted": _("Question bank deleted"),
    "quiz.changed": _("Test changed"),
    "quiz.created": _("Test made"),
    "quiz.deleted": _("Test deleted"),
}
