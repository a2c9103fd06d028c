"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "person.created": _("Account made"),
    "person.changed": _("Personal record changed"),
    "person.invited": _("Invitation sent"),
    "person.sensitive_changed": _("Sensitive particulars changed"),
    "person.sensitive_read": _("Sensitive particulars read"),
    "session.ended": _("Signed out on other devices"),
}
