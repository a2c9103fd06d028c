"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "person.created": _("Account made"),
    "person.changed": _("Personal record changed"),
    "person.invited": _("Invitation sent"),
    "session.ended": _("Signed out on other devices"),
}
