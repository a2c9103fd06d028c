"""What every format gives, and what several need."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from bs4 import BeautifulSoup, Tag
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.question_content import Row, Words
from assessments.scoring import compared

Text = str | Promise
LONGEST_FEEDBACK = 500
# An element whose content plain words do not hold.
NOT_WORDS = ["img", "audio", "video", "object", "iframe", "svg", "math"]
BLOCKS = ["p", "div", "li", "h1", "h2", "h3", "h4", "pre"]

TRUE, FALSE = gettext_lazy("True"), gettext_lazy("False")


class FileFault(Exception):
    """The file as a whole cannot be read; ``line`` from 1, or None."""

    def __init__(self, message: Text, *, line: int | None = None):
        super().__init__(str(message))
        self.message, self.line = message, line


class QuestionFault(Exception):
    """One question cannot be taken over."""

    def __init__(self, reason: Text):
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Found:
    """A question as it can be asked here. ``line`` is where it begins (of ``file`` in a package); ``number_there`` what the
    other system calls it. This platform's own workbook ``says_all``: ``code`` and ``difficulty`` as well, and how closely
    answers match.
    """

    line: int
    words: Words
    number_there: str = ""
    category: str = ""
    file: str = ""
    difficulty: str = ""
    code: str = ""
    says_all: bool = False
    media: dict[str, bytes] = field(
        default_factory=dict
    )  # pictures and sounds by the names the words call them by


@dataclass(frozen=True)
class Refused:
    line: int
    reason: Text
    stem: str = ""
    file: str = ""


def accepted_forms(options: "list[Option]", *, matching: str = "case") -> list[Row]:
    """The accepted answers of a question that is written, each with its share of the mark; or QuestionFault."""
    earning = [option for option in options if option.percent > 0]
    if not earning:
        raise QuestionFault(gettext_lazy("No answer is right."))
    if any("*" in option.text for option in earning):
        raise QuestionFault(gettext_lazy("An answer with * stands for many; such answers are not kept here."))
    seen: dict[str, Row] = {}
    for option in earning:
        seen.setdefault(
            compared(option.text, matching), Row(option.text, True, percent=share_of(option.percent))
        )
    return list(seen.values())


def share_of(percent: float) -> Decimal | None:
    """A share that is not the whole."""
    return None if percent >= 99.9 else Decimal(str(percent)).quantize(Decimal("0.0001"))


@dataclass(frozen=True)
class Value:
    """An accepted number with what it may be off by."""

    value: Decimal
    tolerance: Decimal
    percent: float = 100.0


def accepted_values(values: list[Value]) -> tuple[list[Row], Decimal]:
    """(accepted numbers, the tolerance most of them share); or QuestionFault."""
    earning = [value for value in values if value.percent > 0]
    if not earning:
        raise QuestionFault(gettext_lazy("No answer is right."))
    tolerances = [value.tolerance for value in earning]
    usual = max(tolerances, key=tolerances.count)
    return [
        Row(
            written(value.value),
            True,
            match="" if value.tolerance == usual else written(value.tolerance),
            percent=share_of(value.percent),
        )
        for value in earning
    ], usual


def written(value: Decimal) -> str:
    """A number as trainers write it here."""
    return format(value.normalize(), "f").replace(".", ",")


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

    def as_choices(self, *, several: bool | None = None) -> tuple[str, list[Row]]:
        """(kind, choices). ``several`` is what the file says; None where it says nothing.

        Shares that this platform's own rule gives are left to it; others are kept as they are.
        """
        earning = [option for option in self.options if option.percent > 0]
        full = [option for option in earning if option.percent >= 99.9]
        if not earning:
            raise QuestionFault(gettext_lazy("No choice is right."))
        if several is False or (several is None and len(full) == 1):
            if len(full) > 1:
                raise QuestionFault(
                    gettext_lazy("More than one choice earns the whole mark of a single one.")
                )
            return "single", self._rows(full, keep=len(full) < len(earning))
        if len(full) == len(earning):
            return "multiple" if several or len(full) > 1 else "single", self._rows(earning, keep=False)
        return "multiple", self._rows(earning, keep=not self._is_our_rule(earning))

    def _is_our_rule(self, earning: "list[Option]") -> bool:
        """Right ones earn equal parts of the whole, wrong ones cost or earn nothing."""
        shares = [option.percent for option in earning]
        return max(shares) - min(shares) <= 0.1 and 99 < sum(shares) < 101

    def _rows(self, right: "list[Option]", *, keep: bool) -> list[Row]:
        return [
            Row(
                option.text,
                option in right,
                feedback="" if self._is_long(option) else option.feedback,
                percent=Decimal(str(option.percent)).quantize(Decimal("0.0001")) if keep else None,
            )
            for option in self.options
        ]

    @staticmethod
    def _is_long(option: "Option") -> bool:
        return len(option.feedback) > LONGEST_FEEDBACK

    def feedback(self) -> str:
        """The explanation, and below it what is too long to stand beside its choice: nothing the trainer wrote is lost."""
        of_choices = [
            f"• {option.text}: {option.feedback}" for option in self.options if self._is_long(option)
        ]
        return "\n".join(filter(None, [self.general_feedback, *of_choices]))

    def feedback_of_forms(self) -> str:
        """Of accepted answers that are written: what is said of each stands in the explanation."""
        of_forms = [f"• {option.text}: {option.feedback}" for option in self.options if option.feedback]
        return "\n".join(filter(None, [self.general_feedback, *of_forms]))


def require_size(content: bytes, *, most_bytes: int) -> None:
    if len(content) > most_bytes:
        raise FileFault(
            _("The file is larger than %(megabytes)d MB.") % {"megabytes": most_bytes // 1024 // 1024}
        )


def decoded(content: bytes, *, most_bytes: int) -> str:
    """The text of a file: UTF-8, or UTF-16 with its mark. Raises FileFault."""
    require_size(content, most_bytes=most_bytes)
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
    for table in soup.find_all("table"):
        table.replace_with(_as_lines(table))
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    for block in soup.find_all(BLOCKS):
        block.insert_before("\n")
        block.append("\n")
    return tidy(soup.get_text())


def _as_lines(table: Tag) -> str:
    """A table as it is written here: ``| one | two |``, a line for each row."""
    lines = []
    for row in table.find_all("tr"):
        cells = [
            " ".join(cell.get_text(" ").split()).replace("|", "/") for cell in row.find_all(["td", "th"])
        ]
        lines.append(f"| {' | '.join(cells)} |")
    caption = table.find("caption")
    title = " ".join(caption.get_text(" ").split()) if caption else ""
    return "\n" + "\n".join(filter(None, [title, *lines])) + "\n"


def tidy(text: str) -> str:
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
