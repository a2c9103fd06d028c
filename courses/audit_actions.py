"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "criterion.changed": _("Condition of completion changed"),
    "criterion.dropped": _("Condition of completion dropped"),
    "criterion.met": _("Condition of completion met"),
    "criterion.required": _("Condition of completion set"),
    "enrolment.approved": _("Nomination approved, place given"),
    "enrolment.completed": _("Course completed"),
    "enrolment.declined": _("Nomination declined"),
    "enrolment.enrolled": _("Enrolled"),
    "enrolment.gave_way": _("Participation under a second account withdrawn"),
    "enrolment.moved": _("Participation followed to another unit"),
    "enrolment.moved_back": _("Participation taken back to its unit"),
    "enrolment.nominated": _("Nominated"),
    "enrolment.started": _("Study begun"),
    "enrolment.withdrawn": _("Withdrawn from the class"),
    "external_training.approved": _("Training elsewhere approved"),
    "external_training.declined": _("Training elsewhere declined"),
    "external_training.entered": _("Training elsewhere entered"),
    "external_training.withdrawn": _("Training elsewhere taken back"),
    "lesson.completed": _("Lesson finished"),
    "run.changed": _("Class changed"),
    "run.created": _("Class made"),
    "run.finished": _("Class finished"),
    "run.opened": _("Class opened"),
}
