"""What a service refuses, told to the person who asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from lms.core.errors import DomainError, NotAllowed


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """A missing right answers 403, any other refusal becomes a message on the next page."""
    try:
        yield
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
