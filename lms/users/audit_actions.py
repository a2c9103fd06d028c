"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "person.created": _("Account made"),
    "person.changed": _("Personal record changed"),
    "person.erased": _("Personal data erased"),
    "person.exported": _("Personal data handed out"),
    "person.invited": _("Invitation sent"),
    "person.merged": _("Account closed: merged into another"),
    "person.took_over": _("Took over another account of the person"),
    "person.sensitive_changed": _("Sensitive particulars changed"),
    "person.sensitive_read": _("Sensitive particulars read"),
    "second_factor.added": _("Second step set up"),
    "second_factor.codes_renewed": _("New recovery codes made"),
    "second_factor.code_used": _("Signed in with a recovery code"),
    "second_factor.removed": _("Second step removed"),
    "second_factor.reset": _("Second step reset by another"),
    "single_sign_on.linked": _("Single sign-on linked"),
    "single_sign_on.unlinked": _("Single sign-on unlinked"),
    "session.ended": _("Signed out on other devices"),
}
