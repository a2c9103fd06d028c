"""Texts with gaps as trainers write them: ``Thủ đô là [[Hà Nội|Ha Noi]], tỉnh là [[*Nghệ An|Hà Tĩnh]].``

Between ``[[`` and ``]]`` stand the accepted forms, parted by ``|``. Where one of them bears a ``*``, the gap is filled
by choosing: the starred ones are right, the others wrong. Pure computation.
"""

import re
from dataclasses import dataclass

GAP = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
BLANK = "_____"


@dataclass(frozen=True)
class Gap:
    """``forms`` in the order of writing: (text, is it right). Of a gap that is written all are right."""

    forms: list[tuple[str, bool]]
    is_chosen: bool


@dataclass(frozen=True)
class GapText:
    """The words around the gaps: always one more than there are gaps."""

    words: list[str]
    gaps: list[Gap]

    @property
    def blanked(self) -> str:
        """The text without a word of what fills it."""
        return BLANK.join(self.words)


def read_gaps(text: str) -> GapText:
    """Never fails: a gap with nothing in it comes back with no forms.

    >>> read_gaps("Thủ đô là [[Hà Nội]].").blanked
    'Thủ đô là _____.'
    """
    words, gaps = [], []
    end = 0
    for found in GAP.finditer(text):
        words.append(text[end : found.start()])
        end = found.end()
        written = [" ".join(form.split()) for form in found[1].split("|")]
        written = [form for form in written if form.strip("* ")]
        is_chosen = any(form.startswith("*") for form in written)
        gaps.append(
            Gap(
                forms=[
                    (form.removeprefix("*").strip(), not is_chosen or form.startswith("*"))
                    for form in written
                ],
                is_chosen=is_chosen,
            )
        )
    words.append(text[end:])
    return GapText(words, gaps)


def write_gaps(words: list[str], gaps: list[Gap]) -> str:
    """The text as a trainer would have written it: ``read_gaps`` gives the same back."""
    parts = [words[0]]
    for gap, after in zip(gaps, words[1:], strict=True):
        forms = [f"*{text}" if gap.is_chosen and right else text for text, right in gap.forms]
        parts.append(f"[[{'|'.join(forms)}]]{after}")
    return "".join(parts)
