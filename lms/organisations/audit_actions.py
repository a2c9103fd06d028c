"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "posting.created": _("Posting begun"),
    "posting.ended": _("Posting ended"),
    "role.ended": _("Role ended"),
    "role.granted": _("Role granted"),
    "staff.imported": _("Brought in by a staff list"),
    "structure.changed": _("Structure changed"),
    "structure.scan_kept": _("Scan of the decision kept"),
    "structure.undone": _("Change of the structure undone"),
    "unit.changed": _("Unit changed"),
    "unit.created": _("Unit founded"),
    "unit.ended": _("Unit ended"),
}
