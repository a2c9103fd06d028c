"""Draws ``frame-v1.pdf``, the sheet every certificate of template version 1 is printed on.

A4 landscape in lines, not dots, so that a printer draws it as finely as it can: ivory paper, a woven border of fine
waves that a photocopier blurs, a pale rosette with a lotus in the middle, a lotus above the title. Once a certificate
has been issued on a version its sheet never changes: a new look is a new version with a new file.

Every certificate carries the sheet, so it is kept small: curves instead of points, coordinates in fiftieths of a
millimetre, and what repeats (the weave along a side, a third of a rosette, the corners) is written in the same words
at another place, which compression folds into a few bytes.

    python certificates/assets/draw_frame.py
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

WIDTH_MM, HEIGHT_MM = 297.0, 210.0
UNIT = 0.02  # mm: what the coordinates count, finer than a dot of a good printer
TARGET = Path(__file__).with_name("frame-v1.pdf")

PAPER = (254, 251, 244)
LOTUS = (139, 30, 63)
LOTUS_SOFT = (196, 122, 142)
GOLD = (176, 138, 66)
GOLD_SOFT = (214, 190, 140)
TEAL_SOFT = (126, 160, 154)
BLUSH = (251, 240, 238)

Colour = tuple[int, ...]
Point = tuple[float, float]
Curve = Callable[[float], Point]


def mixed(colour: Colour, share: float) -> Colour:
    """The colour laid over the paper with that much of it showing, 0 to 1."""
    return tuple(round(p + (c - p) * share) for c, p in zip(colour, PAPER, strict=True))


def units(mm: float) -> str:
    return str(round(mm / UNIT))


def place(x: float, y: float) -> str:
    return f"{units(x)} {units(y)}"


def number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def ink(colour: Colour) -> str:
    return " ".join(number(round(part / 255, 3)) for part in colour)


def traced(curve: Curve, start: float, end: float, pieces: int) -> str:
    """The curve between two values of its parameter as that many Bézier pieces with the same tangents."""
    step = (end - start) / pieces
    nudge = step / 200

    def tangent(at: float) -> Point:
        (x0, y0), (x1, y1) = curve(at - nudge), curve(at + nudge)
        return (x1 - x0) / (2 * nudge) * step / 3, (y1 - y0) / (2 * nudge) * step / 3

    words = [f"{place(*curve(start))} m"]
    for piece in range(pieces):
        a, b = start + piece * step, start + (piece + 1) * step
        (ax, ay), (adx, ady), (bx, by), (bdx, bdy) = curve(a), tangent(a), curve(b), tangent(b)
        words.append(f"{place(ax + adx, ay + ady)} {place(bx - bdx, by - bdy)} {place(bx, by)} c")
    return "\n".join(words)


class Sheet:
    """The drawing, in millimetres from the top left corner: the words of a PDF page."""

    def __init__(self) -> None:
        # From here on a unit is UNIT, and y grows downwards.
        scale = UNIT / 25.4 * 72
        self.words = [
            f"{scale:.8f} 0 0 {-scale:.8f} 0 {HEIGHT_MM / 25.4 * 72:.4f} cm",
            f"{ink(PAPER)} rg 0 0 {place(WIDTH_MM, HEIGHT_MM)} re f",
            "1 j 1 J",  # round: pieces of one line that meet show no seam
        ]

    @contextmanager
    def at(self, x: float, y: float, *, turn: float = 0.0) -> Iterator[None]:
        """What is drawn inside has its origin there, turned by so many degrees."""
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        self.words.append(f"q {number(cos)} {number(sin)} {number(-sin)} {number(cos)} {place(x, y)} cm")
        yield
        self.words.append("Q")

    def line(self, paths: str | Iterable[str], colour: Colour, width: float) -> None:
        """Lines through the paths, ``width`` in millimetres."""
        paths = [paths] if isinstance(paths, str) else paths
        self.words += [f"{ink(colour)} RG {units(width)} w", *paths, "S"]

    def shape(self, path: str, fill: Colour, outline: Colour, width: float) -> None:
        self.words += [f"{ink(fill)} rg {ink(outline)} RG {units(width)} w", path, "b"]

    def dot(self, radius: float, colour: Colour) -> None:
        self.words += [
            f"{ink(colour)} rg",
            traced(lambda t: (radius * math.cos(t), radius * math.sin(t)), 0, 2 * math.pi, 4),
            "f",
        ]

    def save(self) -> None:
        writer = PdfWriter()
        page = writer.add_blank_page(width=WIDTH_MM / 25.4 * 72, height=HEIGHT_MM / 25.4 * 72)
        content = DecodedStreamObject()
        content.set_data("\n".join(self.words).encode("ascii"))
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode(9))
        writer.write(TARGET)


# --- The border ---------------------------------------------------------------------------------------------
def rule(sheet: Sheet, inset: float, radius: float, colour: Colour, width: float) -> None:
    """A rectangle with round corners, so far from the edges of the sheet."""
    left, top, right, bottom = inset, inset, WIDTH_MM - inset, HEIGHT_MM - inset
    handle = radius * 0.4477  # of the radius, from the corner: a quarter of a circle
    path = [f"{place(left + radius, top)} m"]
    for x, y, along, out in (
        (right, top, (1, 0), (0, 1)),
        (right, bottom, (0, 1), (-1, 0)),
        (left, bottom, (-1, 0), (0, -1)),
        (left, top, (0, -1), (1, 0)),
    ):
        path.append(f"{place(x - along[0] * radius, y - along[1] * radius)} l")
        ends = (
            (x - along[0] * handle, y - along[1] * handle),
            (x + out[0] * handle, y + out[1] * handle),
            (x + out[0] * radius, y + out[1] * radius),
        )
        path.append(" ".join(place(*end) for end in ends) + " c")
    sheet.line("\n".join([*path, "h"]), colour, width)


def woven_side(
    sheet: Sheet, length: float, half_width: float, swells: int, strands: int, colours: list[Colour], width
) -> None:
    """``strands`` waves from the origin to the right, each shifted a little, so that together they weave a net.

    The net swells and narrows over three periods of its waves: that piece is written again and again.
    """
    piece = length / swells
    for number_, colour in enumerate(colours):
        paths = []
        for strand in range(number_, strands, len(colours)):
            shift = 2 * math.pi * strand / strands

            def wave(turn: float, shift: float = shift) -> Point:
                swell = 0.80 + 0.20 * math.cos(turn / 3)
                return piece * turn / (6 * math.pi), half_width * swell * math.sin(turn + shift)

            paths.append(traced(wave, 0, 6 * math.pi, 12))
        for copy in range(swells):
            with sheet.at(copy * piece, 0):
                sheet.line(paths, colour, width)


# --- Rosettes and the lotus -----------------------------------------------------------------------------------
def rosette(
    sheet: Sheet, inner: float, outer: float, petals: int, strands: int, colour: Colour, width: float
) -> None:
    """Waves around the origin between two radii, as on banknotes: a third of them, drawn three times."""
    middle, swing = (inner + outer) / 2, (outer - inner) / 2
    paths = []
    for strand in range(strands):
        shift = 2 * math.pi * strand / strands

        def wave(turn: float, shift: float = shift) -> Point:
            radius = middle + swing * math.sin(petals * turn + shift) * (
                0.75 + 0.25 * math.cos(3 * turn + shift)
            )
            return radius * math.cos(turn), radius * math.sin(turn)

        paths.append(traced(wave, 0, 2 * math.pi / 3, petals))
    for third in range(3):
        with sheet.at(0, 0, turn=120 * third):
            sheet.line(paths, colour, width)


def petal(length: float, breadth: float, lean: float, curl: float) -> str:
    """The outline of a petal that grows from the origin; ``lean`` in degrees from upright, ``curl`` bends its tip out."""
    axis = math.radians(lean)

    def edge(side: int) -> Curve:
        def at(t: float) -> Point:
            t = min(max(t, 0.0), 1.0)
            half = breadth / 2 * math.sin(math.pi * t**0.85) ** 0.9 * (1 - 0.18 * t) if 0 < t < 1 else 0.0
            return leaning(axis, length * t, side * half + curl * length * t**2.2)

        return at

    left, right = traced(edge(-1), 0, 1, 10), traced(lambda t: edge(1)(1 - t), 0, 1, 10)
    return f"{left}\n{right.partition(' m')[2].strip()}"


def vein(length: float, lean: float, curl: float) -> str:
    axis = math.radians(lean)
    return traced(lambda t: leaning(axis, length * t, curl * length * t**2.2), 0.30, 0.86, 2)


def leaning(axis: float, along: float, across: float) -> Point:
    return (
        along * math.sin(axis) + across * math.cos(axis),
        -along * math.cos(axis) + across * math.sin(axis),
    )


def lotus(
    sheet: Sheet, size: float, fill: Colour, outline: Colour, line: float, *, veins: bool = True
) -> None:
    """A lotus in line, ``size`` high, its calyx at the origin."""
    rows = [  # back to front: lean, length, breadth, curl
        *[(lean, 0.78, 0.36, 0.16) for lean in (-66, 66)],
        *[(lean, 0.92, 0.36, 0.08) for lean in (-40, 40)],
        (0, 1.0, 0.36, 0.0),
        *[(lean, 0.93, 0.36, 0.02) for lean in (-19, 19)],
        *[(lean, 0.72, 0.34, 0.20) for lean in (-86, 86)],
        *[(lean, 0.66, 0.34, 0.10) for lean in (-52, 52)],
        *[(lean, 0.62, 0.33, 0.03) for lean in (-27, 27)],
        (0, 0.60, 0.34, 0.0),
    ]
    for lean, length, breadth, curl in rows:
        bent = math.copysign(curl, lean) if lean else 0.0
        sheet.shape(petal(size * length, size * breadth, lean, bent), fill, outline, line)
        if veins:
            sheet.line(vein(size * length, lean, bent), outline, line * 0.55)


def water(sheet: Sheet, y: float, width: float, colour: Colour, line: float) -> None:
    """Three calm waves under a lotus."""
    for row, share in enumerate((1.0, 0.68, 0.36)):
        half, drop = width / 2 * share, y + row * width * 0.030

        def wave(t: float, half: float = half, drop: float = drop, share: float = share) -> Point:
            return half * t, drop + width * 0.010 * math.cos(t * math.pi * 3 * share)

        sheet.line(traced(wave, -1, 1, 16), colour, line)


def corner(sheet: Sheet) -> None:
    sheet.dot(10.4, PAPER)
    sheet.dot(10.0, BLUSH)
    rosette(sheet, 6.4, 9.9, 24, 4, mixed(GOLD, 0.75), 0.08)
    rosette(sheet, 4.6, 6.8, 15, 3, mixed(LOTUS, 0.65), 0.08)
    sheet.dot(5.1, PAPER)
    with sheet.at(0, 2.5):
        lotus(sheet, 5.6, PAPER, LOTUS, 0.14, veins=False)


def main() -> None:
    sheet = Sheet()
    middle = WIDTH_MM / 2
    # The field: wide pale waves crossing each other, inside the border.
    waves = []
    for strand in range(46):
        shift, base = strand * 0.32, 20 + strand * 3.78

        def wave(i: float, shift: float = shift, base: float = base) -> Point:
            return 18 + i * 1.5, base + 5.5 * math.sin(i * 0.042 + shift) + 1.6 * math.sin(
                i * 0.16 - shift * 1.7
            )

        waves.append(traced(wave, 0, 174, 20))
    edge = 17.4
    sheet.words.append(f"q {place(edge, edge)} {place(WIDTH_MM - 2 * edge, HEIGHT_MM - 2 * edge)} re W n")
    sheet.line(waves, mixed(GOLD_SOFT, 0.22), 0.10)
    sheet.words.append("Q")
    # The rosette behind the text, with the lotus in it.
    with sheet.at(middle, 112):
        for inner, outer, petals, strands, colour, share in (
            (50, 66, 36, 9, LOTUS_SOFT, 0.20),
            (38, 52, 24, 7, GOLD_SOFT, 0.30),
            (66, 72, 72, 4, TEAL_SOFT, 0.22),
        ):
            rosette(sheet, inner, outer, petals, strands, mixed(colour, share), 0.10)
    with sheet.at(middle, 132):
        lotus(sheet, 44, mixed(BLUSH, 0.55), mixed(LOTUS_SOFT, 0.26), 0.26)
        water(sheet, 6, 74, mixed(TEAL_SOFT, 0.28), 0.28)
    # The border. The sides of the weave run from the middle of one corner piece to the next, and end below them.
    rule(sheet, 7.2, 3.5, LOTUS, 0.62)
    rule(sheet, 8.5, 3.0, GOLD, 0.18)
    post = 13.6  # the middle of a corner piece, from both edges
    for x, y, turn, length, (many, few) in (
        (post, 12.6, 0, WIDTH_MM - 2 * post, (15, 8)),
        (post, HEIGHT_MM - 12.6, 0, WIDTH_MM - 2 * post, (15, 8)),
        (12.6, post, 90, HEIGHT_MM - 2 * post, (10, 5)),
        (WIDTH_MM - 12.6, post, 90, HEIGHT_MM - 2 * post, (10, 5)),
    ):
        with sheet.at(x, y, turn=turn):
            woven_side(sheet, length, 3.1, many, 6, [mixed(GOLD, 0.85)], 0.12)
            woven_side(sheet, length, 3.1, few, 8, [mixed(LOTUS, 0.85), mixed(LOTUS_SOFT, 0.95)], 0.12)
    rule(sheet, 16.7, 2.0, GOLD, 0.18)
    rule(sheet, 17.6, 1.6, LOTUS, 0.34)
    for x in (post, WIDTH_MM - post):
        for y in (post, HEIGHT_MM - post):
            with sheet.at(x, y):
                corner(sheet)
    # The school's own sign above the title.
    with sheet.at(middle, 55.0):
        lotus(sheet, 15.0, PAPER, LOTUS, 0.24)
        water(sheet, 1.4, 30, GOLD, 0.24)
    sheet.save()


if __name__ == "__main__":
    main()
