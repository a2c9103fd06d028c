"""What every format gives, and what several need."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from bs4 import BeautifulSoup
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise
# An element whose content plain words do not hold.
NOT_WORDS = ["img", "audio", "video", "table", "object", "iframe", "svg", "math"]
BLOCKS = ["p", "div", "li", "br", "h1", "h2", "h3", "h4", "tr", "pre"]

TRUE, FALSE = gettext_lazy("True"), gettext_lazy("False")


class FileFault(Exception):
    """The file as a whole cannot be read; ``line`` from 1, or None."""

    def __init__(self, message: Words, *, line: int | None = None):
        super().__init__(str(message))
        self.message, self.line = message, line


class QuestionFault(Exception):
    """One question cannot be taken over."""

    def __init__(self, reason: Words):
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Found:
    """A question as it can be asked here. ``line`` is where it begins; ``number_there`` what the other system calls it."""

    line: int
    kind: str
    stem: str
    choices: list[tuple[str, bool]]
    feedback: str = ""
    number_there: str = ""
    category: str = ""
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True)
class Refused:
    line: int
    reason: Words
    stem: str = ""


def accepted_forms(options: "list[Option]") -> list[tuple[str, bool]]:
    """The accepted answers of a question that is written; each earns the whole mark, or QuestionFault."""
    earning = [option for option in options if option.percent > 0]
    if not earning:
        raise QuestionFault(gettext_lazy("No answer is right."))
    if any(option.percent < 99.9 for option in earning):
        raise QuestionFault(gettext_lazy("An answer earns part of the mark; such marks are not kept here."))
    if any("*" in option.text for option in earning):
        raise QuestionFault(gettext_lazy("An answer with * stands for many; such answers are not kept here."))
    seen: dict[str, str] = {}
    for option in earning:
        seen.setdefault(fold_case(option.text), option.text)
    return [(text, True) for text in seen.values()]


def fold_case(text: str) -> str:
    return " ".join(text.split()).casefold()


@dataclass(frozen=True)
class Value:
    """An accepted number with what it may be off by."""

    value: Decimal
    tolerance: Decimal
    percent: float = 100.0


def accepted_values(values: list[Value]) -> tuple[list[tuple[str, bool]], Decimal]:
    """(accepted numbers, tolerance). Raises QuestionFault for part marks and for tolerances that differ."""
    earning = [value for value in values if value.percent > 0]
    if not earning:
        raise QuestionFault(gettext_lazy("No answer is right."))
    if any(value.percent < 99.9 for value in earning):
        raise QuestionFault(gettext_lazy("An answer earns part of the mark; such marks are not kept here."))
    tolerances = {value.tolerance for value in earning}
    if len(tolerances) > 1:
        raise QuestionFault(
            gettext_lazy("The accepted numbers have different tolerances; here they share one.")
        )
    return [
        (format(value.value.normalize(), "f").replace(".", ","), True) for value in earning
    ], tolerances.pop()


def decimal_of(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as fault:
        raise QuestionFault(_("“%(text)s” is not a number.") % {"text": text.strip()[:40]}) from fault
    if not value.is_finite() or abs(value) >= 10**12 or value.as_tuple().exponent < -8:
        raise QuestionFault(
            _("“%(text)s” is too large or has too many decimals.") % {"text": text.strip()[:40]}
        )
    return value


@dataclass
class Option:
    """One choice with the share of the mark it earns there, in per cent."""

    text: str
    percent: float
    feedback: str = ""


@dataclass
class Collected:
    """What a reader has gathered of a question with choices."""

    options: list[Option] = field(default_factory=list)
    general_feedback: str = ""

    def as_choices(self, *, several: bool | None = None) -> tuple[str, list[tuple[str, bool]]]:
        """(kind, choices). ``several`` is what the file says; None where it says nothing.

        Raises QuestionFault for marks that are counted otherwise here.
        """
        earning = [option for option in self.options if option.percent > 0]
        full = [option for option in earning if option.percent >= 99.9]
        if not earning:
            raise QuestionFault(gettext_lazy("No choice is right."))
        if len(full) == len(earning):
            kind = "multiple" if several or len(full) > 1 else "single"
        elif full:
            raise QuestionFault(
                gettext_lazy(
                    "A choice earns part of the mark beside a right one; such marks are not kept here."
                )
            )
        else:
            shares = [option.percent for option in earning]
            if several is False or max(shares) - min(shares) > 0.1 or not 99 < sum(shares) < 101:
                raise QuestionFault(
                    gettext_lazy(
                        "The right choices do not earn equal parts of the whole mark; such marks are not kept here."
                    )
                )
            kind = "multiple"
        return kind, [(option.text, option in earning) for option in self.options]

    def feedback(self) -> str:
        """The explanation, with what was said of single choices below it: nothing the trainer wrote is lost."""
        of_choices = [f"• {option.text}: {option.feedback}" for option in self.options if option.feedback]
        return "\n".join(filter(None, [self.general_feedback, *of_choices]))


def decoded(content: bytes, *, most_bytes: int) -> str:
    """The text of a file: UTF-8, or UTF-16 with its mark. Raises FileFault."""
    if len(content) > most_bytes:
        raise FileFault(
            _("The file is larger than %(megabytes)d MB.") % {"megabytes": most_bytes // 1024 // 1024}
        )
    if content.startswith(b"PK"):
        raise FileFault(gettext_lazy("This is an archive. Unpack it and choose the file with the questions."))
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise FileFault(
            gettext_lazy("The file is not UTF-8. Save it as UTF-8 and try again."), line=line
        ) from fault
    if "\0" in text:
        raise FileFault(gettext_lazy("This is not a text file."))
    if not text.strip():
        raise FileFault(gettext_lazy("The file is empty."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(text: str, *, is_html: bool) -> str:
    """Words without markup, a line for each block. Raises QuestionFault for what is more than words."""
    if "@@PLUGINFILE@@" in text:
        raise QuestionFault(gettext_lazy("It needs a picture or a sound, which is not kept here yet."))
    if not is_html:
        return tidy(text)
    soup = BeautifulSoup(text, "html.parser")
    if found := soup.find(NOT_WORDS):
        raise QuestionFault(_("It needs <%(name)s>, which is not kept here yet.") % {"name": found.name})
    for link in soup.find_all("a", href=True):
        if link["href"] not in link.get_text():
            link.append(f" ({link['href']})")
    for block in soup.find_all(BLOCKS):
        block.insert_before("\n")
        block.append("\n")
    return tidy(soup.get_text())


def tidy(text: str) -> str:
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
