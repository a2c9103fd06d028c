"""A QTI package: the items its manifest names."""

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
    names = list(dict.fromkeys(unquote(name) for name in qti.items_of(package.read(MANIFEST))))
    if not names:
        raise FileFault(gettext_lazy("The package names no questions."))
    if len(names) > MOST_ITEMS:
        raise FileFault(gettext_lazy("The package names too many questions; split it."))
    questions: list[Found | Refused] = []
    for name in names:
        try:
            found = qti.read(package.read(name))
        except FileFault as fault:
            found = [Refused(fault.line or 0, fault.message)]
        questions += [_placed(one, name) for one in found]
    return questions


def _placed(question: Found | Refused, name: str) -> Found | Refused:
    if isinstance(question, Refused):
        return Refused(question.line, question.reason, question.stem, file=name)
    return Found(question.line, question.words, number_there=question.number_there, file=name)
