"""A QTI package: the items its manifest names."""

import posixpath
from dataclasses import replace
from functools import partial
from urllib.parse import unquote

from django.utils.translation import gettext_lazy

from . import qti
from .archive import Package
from .found import FileFault, Found, Refused

MANIFEST = "imsmanifest.xml"
MOST_ITEMS = 2_000


def read(package: Package) -> list[Found | Refused]:
    """The items of a QTI package, each with the file it stands in. An item that cannot be read spoils no other."""
    if MANIFEST not in package:
        raise FileFault(gettext_lazy("The archive has no imsmanifest.xml, so it is no QTI package."))
    named: dict[str, qti.Own | None] = {}
    for href, own in qti.items_of(package.read(MANIFEST)):
        named.setdefault(unquote(href), own)
    if not named:
        raise FileFault(gettext_lazy("The package names no questions."))
    if len(named) > MOST_ITEMS:
        raise FileFault(gettext_lazy("The package names too many questions; split it."))
    questions: list[Found | Refused] = []
    for name, own in named.items():
        try:
            found = qti.read(package.read(name), own, bytes_at=partial(_beside, package, name))
        except FileFault as fault:
            found = [Refused(fault.line or 0, fault.message)]
        questions += [_placed(one, name) for one in found]
    return questions


def _beside(package: Package, item: str, address: str) -> bytes | None:
    """What an address in an item leads to inside the package."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(item), address))
    return package.read(path) if path in package else None


def _placed(question: Found | Refused, name: str) -> Found | Refused:
    return replace(question, file=name)
