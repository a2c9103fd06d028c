"""What can go wrong with units, postings and roles, in words for those who asked."""

from django.utils.translation import gettext_lazy as _

from lms.core.errors import DomainError
from lms.organisations.models import Unit, UnitEvent


class TooManyChildren(DomainError):
    message = _("A unit can hold 9,999 units directly below it, not more.")


class VersionNotLater(DomainError):
    message = _(
        "A change must take effect after the last change of the unit, and not later than today: %(unit)s."
    )

    def __init__(self, unit: Unit) -> None:
        super().__init__(self.message % {"unit": unit})


class RoleAlreadyHeld(DomainError):
    message = _("This person already holds this role on this unit.")


class AlreadyEnded(DomainError):
    message = _("It has already been ended.")


class EndBeforeBeginning(DomainError):
    message = _("It cannot end before the day it began.")


class PostingNotLater(DomainError):
    message = _("The person's last posting begins after that day. Enter a later day.")


class UnitNotStanding(DomainError):
    message = _("This unit does not exist on that day: %(unit)s.")

    def __init__(self, unit: Unit) -> None:
        super().__init__(self.message % {"unit": unit})


class NothingChanges(DomainError):
    message = _("This would change nothing.")


class MovesIntoItself(DomainError):
    message = _("A unit cannot be put below itself.")


class NotInThisUnit(DomainError):
    message = _("Not of this unit on that day: %(names)s.")

    def __init__(self, names: list[str]) -> None:
        super().__init__(self.message % {"names": ", ".join(names)})


class PostedLater(DomainError):
    message = _(
        "Posted here after the day of the change: %(names)s. Change these postings first, or take a later day."
    )

    def __init__(self, names: list[str]) -> None:
        super().__init__(self.message % {"names": ", ".join(names)})


class CannotUndo(DomainError):
    """Something done since stands on the change."""


class ChangedAgain(CannotUndo):
    message = _("A later change concerns the same units: %(event)s. Undo that one first.")

    def __init__(self, event: UnitEvent) -> None:
        super().__init__(self.message % {"event": event})


class PeopleMovedOn(CannotUndo):
    message = _("People this change moved have been posted elsewhere since.")


class UnitInUse(CannotUndo):
    message = _("A unit made by this change is in use since.")


class AlreadyUndone(CannotUndo):
    message = _("It has already been undone.")
