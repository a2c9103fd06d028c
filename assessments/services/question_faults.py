"""What keeps a question from being asked, each fault told at its place."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from assessments.gaps import read_gaps
from assessments.media_words import placed_in
from assessments.question_content import Words, units_of, value_of
from lms.core.errors import DomainError
from lms.core.vietnamese import nfc


class QuestionInvalid(DomainError):
    """The question cannot be asked as it stands. ``place`` is a field's name, "choices", or a line's index."""

    def __init__(self, message, *, place: str | int):
        super().__init__(message)
        self.place = place


Faults = list[QuestionInvalid]


def find_faults(words: Words) -> Faults:
    faults: Faults = []
    if not words.stem.strip():
        faults.append(QuestionInvalid(_("Write the question."), place="stem"))
    return faults + _of_media(words) + _OF_KIND[words.kind](words)


def _of_media(words: Words) -> Faults:
    """Every file that is placed has to be there, and to be described for who cannot see or hear it."""
    known = {name for name, _source in words.media}
    texts: list[tuple[str | int, str]] = [("stem", words.stem), ("feedback", words.feedback)]
    texts += [
        (index, text) for index, row in enumerate(words.rows) for text in (row.text, row.match, row.feedback)
    ]
    faults = []
    for place, text in texts:
        for placed in placed_in(text):
            if placed.name not in known:
                message = _("The question has no picture or sound of the name “%(name)s”.") % {
                    "name": placed.name
                }
                faults.append(QuestionInvalid(message, place=place))
            elif not placed.said:
                message = _("Describe “%(name)s” between the brackets: ![description](%(name)s).") % {
                    "name": placed.name
                }
                faults.append(QuestionInvalid(message, place=place))
    return faults


def _empty_or_repeated(rows: list[tuple[int, str]]) -> Faults:
    """Of (index, text): lines with nothing in them, and lines that say what another says."""
    faults = []
    seen: dict[str, int] = {}
    for index, text in rows:
        same = nfc(text).casefold()
        if not same:
            faults.append(
                QuestionInvalid(_("Choice %(number)d is empty.") % {"number": index + 1}, place=index)
            )
        elif same in seen:
            faults.append(
                QuestionInvalid(
                    _("Choice %(number)d repeats choice %(other)d.")
                    % {"number": index + 1, "other": seen[same] + 1},
                    place=index,
                )
            )
        seen.setdefault(same, index)
    return faults


def _texts(words: Words) -> list[tuple[int, str]]:
    return [(index, row.text) for index, row in enumerate(words.rows)]


def _of_choices(words: Words) -> Faults:
    faults = _empty_or_repeated(_texts(words))
    right = sum(1 for row in words.rows if row.is_right)
    count = len(words.rows)
    if words.kind == "true_false" and count != 2:
        message = _("True or false has exactly two choices.")
    elif count < 2:
        message = _("A question needs at least two choices.")
    elif words.kind in ("single", "true_false") and right != 1:
        message = _(
            "A question with one right answer has exactly one right choice; %(count)d are marked right."
        ) % {"count": right}
    elif words.kind == "multiple" and right == 0:
        message = _("Mark at least one choice as right.")
    elif words.kind == "multiple" and right == count:
        message = _("All choices are marked right; leave at least one wrong one.")
    else:
        return faults + _of_percents(words)
    return [*faults, QuestionInvalid(message, place="choices")]


def _of_percents(words: Words) -> Faults:
    """Shares of the mark are either left to the rule or given in full: somebody must be able to earn the whole."""
    given = [row.percent for row in words.rows if row.percent is not None]
    if not given:
        return []
    whole = sum(share for share in given if share > 0) if words.kind == "multiple" else max(given)
    if words.kind in ("short", "number") and len(given) < len(words.rows):
        whole = 100  # a form without a share earns the whole
    if abs(whole - 100) > Decimal("0.1"):
        message = _("The shares of the mark make %(sum)s per cent; the whole must be reachable.") % {
            "sum": format(Decimal(whole).normalize(), "f")
        }
        return [QuestionInvalid(message, place="choices")]
    return []


def _of_short(words: Words) -> Faults:
    if not words.rows:
        return [QuestionInvalid(_("Write at least one accepted answer."), place="choices")]
    return _empty_or_repeated(_texts(words)) + _of_percents(words)


def _of_number(words: Words) -> Faults:
    if not words.rows:
        return [QuestionInvalid(_("Write at least one accepted answer."), place="choices")]
    # One value may stand twice, nearer and less near to it.
    faults = _empty_or_repeated(
        [
            (index, f"{row.text} ± {row.match}" if row.text.strip() else "")
            for index, row in enumerate(words.rows)
        ]
    )
    faults += _of_percents(words)
    if units_of(words.units) is None:
        faults.append(
            QuestionInvalid(
                _("The units cannot be read. Write the first alone and others with a number: km; m=0,001."),
                place="units",
            )
        )
    for index, row in enumerate(words.rows):
        if row.text.strip() and value_of(row.text) is None:
            faults.append(_not_a_number(row.text, index))
        elif row.match.strip() and (value_of(row.match) is None or value_of(row.match) < 0):
            faults.append(_not_a_number(row.match, index))
    return faults


def _not_a_number(text: str, index: int) -> QuestionInvalid:
    return QuestionInvalid(
        _(
            "“%(text)s” is not clearly one number. Write 1234,5: a comma before decimals, nothing between thousands."
        )
        % {"text": text},
        place=index,
    )


def _of_matching(words: Words) -> Faults:
    """Two lines may go with the same; a line without a text is one to choose from that goes with none."""
    faults = _empty_or_repeated([(index, text) for index, text in _texts(words) if text.strip()])
    for index, row in enumerate(words.rows):
        if not row.match.strip():
            message = _("Say what line %(number)d goes with.") % {"number": index + 1}
            faults.append(QuestionInvalid(message, place=index))
    pairs = [row for row in words.rows if row.text.strip()]
    if len(pairs) < 2:
        faults.append(QuestionInvalid(_("Matching needs at least two pairs."), place="choices"))
    elif len({nfc(row.match) for row in words.rows}) < 2:
        faults.append(
            QuestionInvalid(_("All lines go with the same; there is nothing to choose."), place="choices")
        )
    return faults


def _of_ordering(words: Words) -> Faults:
    faults = _empty_or_repeated(_texts(words))
    if len(words.rows) < 2:
        faults.append(
            QuestionInvalid(
                _("An order needs at least two steps, written in the right order."), place="choices"
            )
        )
    return faults


def _of_gaps(words: Words) -> Faults:
    if not (gaps := read_gaps(words.stem).gaps):
        message = _("Write each gap as [[right answer]], or [[*right|wrong]] to choose from.")
        return [QuestionInvalid(message, place="stem")]
    faults = []
    for number, gap in enumerate(gaps, start=1):
        texts = [nfc(text).casefold() for text, _right in gap.forms]
        if not gap.forms:
            message = _("Gap %(number)d is empty.") % {"number": number}
        elif len(set(texts)) < len(texts):
            message = _("Gap %(number)d says the same twice.") % {"number": number}
        elif gap.is_chosen and all(right for _text, right in gap.forms):
            message = _("Gap %(number)d has nothing wrong to choose.") % {"number": number}
        else:
            continue
        faults.append(QuestionInvalid(message, place="stem"))
    if any(row.text.strip() for row in words.rows):
        faults.append(
            QuestionInvalid(
                _("The answers of gaps stand in the text itself; leave the lines empty."), place="choices"
            )
        )
    return faults


def _of_essay(words: Words) -> Faults:
    faults = _empty_or_repeated(_texts(words))
    for index, row in enumerate(words.rows):
        points = value_of(row.match)
        if points is None or points <= 0:
            message = _("Say how many points criterion %(number)d is worth.") % {"number": index + 1}
            faults.append(QuestionInvalid(message, place=index))
    return faults


_OF_KIND: dict[str, Callable[[Words], Faults]] = {
    "single": _of_choices,
    "true_false": _of_choices,
    "multiple": _of_choices,
    "short": _of_short,
    "number": _of_number,
    "matching": _of_matching,
    "ordering": _of_ordering,
    "gaps": _of_gaps,
    "essay": _of_essay,
    "file": _of_essay,
}
