"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "audit.exported": _("Audit trail exported"),
    "job.retried": _("Background work started again"),
}
