"""Shared by the tests of this room."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def source_language() -> Iterator[None]:
    """Each test begins in Vietnamese: a request to an English page leaves English behind in its thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield
