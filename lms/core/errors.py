"""Errors people meet."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule said no. ``message`` is written for the person who asked, and says what to do.

    Services raise subclasses defined beside them; views and the API translate them once.
    """

    message: str | Promise = ""

    def __init__(self, message: str | Promise | None = None):
        if message is not None:
            self.message = message
        super().__init__(str(self.message))


class NotAllowed(DomainError):
    """The actor is within scope but lacks the right: views answer 403."""
