"""The names at the head of official papers, as lines of about the same length."""

from lms.core.pdf import text_width


def heading_lines(name: str, *, bold: bool, size: float, width: float) -> list[str]:
    """A name in capitals on one line of ``width`` points, or on two, broken after a comma where that serves."""

    def measured(words: list[str]) -> float:
        return text_width(" ".join(words), family="noto-serif", size=size, bold=bold)

    words = name.upper().split()
    if measured(words) <= width:
        return [" ".join(words)]

    def cost(at: int) -> float:
        longer = max(measured(words[:at]), measured(words[at:]))
        return longer if words[at - 1].endswith(",") else 1.15 * longer

    cut = min(range(1, len(words)), key=cost, default=len(words))
    return [" ".join(part) for part in (words[:cut], words[cut:]) if part]


def title_lines(title: str) -> list[str]:
    """ "KT. Hiệu trưởng / Phó Hiệu trưởng" → a line for the one signed for, a line for the one who signs."""
    return [line.strip().upper() for line in title.split("/")]
