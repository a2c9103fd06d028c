"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "answer.decided": _("Mark of an answer decided"),
    "answer.marked": _("Answer marked"),
    "attempt.graded": _("Test graded"),
    "attempt.regraded": _("Test marked anew"),
    "attempt.started": _("Test begun"),
    "attempt.submitted": _("Test handed in"),
    "bank.changed": _("Question bank changed"),
    "bank.exported": _("Questions of a bank exported"),
    "bank.imported": _("Questions taken over into a bank"),
    "bank.created": _("Question bank made"),
    "question.moved": _("Question moved to another bank"),
    "question.retired": _("Question taken out of use"),
    "question.tagged": _("Question tagged"),
    "key.corrected": _("Answer key corrected for a test"),
    "paper.drawn": _("Paper of a test drawn to be printed"),
    "question.deleted": _("Question deleted"),
    "question.versioned": _("Question written anew"),
    "questioncategory.deleted": _("Question bank deleted"),
    "quiz.changed": _("Test changed"),
    "quiz.created": _("Test made"),
    "quiz.deleted": _("Test deleted"),
}
