"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "certificate.file_stored": _("Certificate drawn and stored"),
    "certificate.issued": _("Certificate number given"),
}
