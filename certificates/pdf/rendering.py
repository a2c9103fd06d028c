"""Template version → layout: which template, how large the lines that must fit."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from lms.core.pdf import fitted_size, render_pdf, text_width

from .headings import heading_lines, title_lines

CURRENT_VERSION = 1
MM = 72 / 25.4  # points
LINE = 240 * MM
HEADING = 112 * MM

WORDS = {
    "chung_chi": ("Chứng chỉ", "Đã hoàn thành chương trình bồi dưỡng"),
    "giay_chung_nhan": ("Giấy chứng nhận hoàn thành khóa học", "Đã hoàn thành chương trình bồi dưỡng"),
    "tap_huan": ("Giấy chứng nhận tập huấn", "Đã hoàn thành chương trình tập huấn"),
}


def _birth(fields: dict[str, Any]) -> str:
    """ "ngày 15 tháng 3 năm 1985", or "năm 1985" where the records know no more."""
    if not fields["birth_date"]:
        return ""
    born = date.fromisoformat(fields["birth_date"])
    if fields["birth_year_only"]:
        return f"năm {born.year}"
    # Decree 30/2020: days below 10 and the first two months take a leading zero.
    return (
        f"ngày {born.day:02} tháng {born.month:02} năm {born.year}"
        if born.month < 3
        else f"ngày {born.day:02} tháng {born.month} năm {born.year}"
    )


def _facts(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines on birth, position and unit, each with its size: birth and position share a line where they fit."""
    birth = _birth(fields)
    about = [f"Sinh {birth}"] if birth else []
    if fields["position"]:
        about.append(f"Chức vụ: {fields['position']}")
    together = "   ·   ".join(about)
    if about and text_width(together, family="noto-serif", size=12.5) <= LINE:
        about = [together]
    lines = [*about, f"Đơn vị: {fields['unit']}"]
    return [
        {"text": line, "size": fitted_size(line, family="noto-serif", sizes=(12.5, 10), width=LINE)}
        for line in lines
    ]


def _address_lines(address: str) -> list[str]:
    """The address as a person types it, the random part on a line of its own."""
    parts = urlsplit(address)
    folder, _, token = parts.path.rstrip("/").rpartition("/")
    return [f"{parts.netloc}{folder}/", f"{token}/"]


def render_certificate(
    *, kind: str, fields: dict[str, Any], template_version: int, made_at: datetime
) -> bytes:
    """The PDF of a certificate, A4 landscape. The same arguments give the same bytes.

    Raises LookupError for a version this program does not know, ``lms.core.pdf.PdfError`` when it cannot be made.
    """
    if template_version != CURRENT_VERSION:
        raise LookupError(f"no certificate template of version {template_version}")
    title, completed_words = WORDS[kind]
    context = {
        **fields,
        "title": title,
        "completed_words": completed_words,
        "ministry_lines": heading_lines(fields["ministry"], bold=False, size=10.5, width=HEADING),
        "school_lines": heading_lines(fields["school"], bold=True, size=10.5, width=HEADING),
        "facts": _facts(fields),
        "starts_on": date.fromisoformat(fields["starts_on"]),
        "ends_on": date.fromisoformat(fields["ends_on"]),
        "issued_on": date.fromisoformat(fields["issued_on"]),
        "signer_lines": title_lines(fields["signer_title"]),
        "rules": {  # points
            "issuer": 36 * MM,
            "motto": text_width("Độc lập - Tự do - Hạnh phúc", family="noto-serif", size=11.5, bold=True),
        },
        "verify_lines": _address_lines(fields["verify_url"]),
        # The layout centres the letters without the space between them.
        "title_shift": 3 * (len(title) - 1),
        "sizes": {
            "title": fitted_size(
                title.upper(),
                family="playfair-display",
                bold=True,
                sizes=(44, 24),
                width=LINE - 3 * len(title),
            ),
            "name": fitted_size(
                fields["full_name"], family="playfair-display", bold=True, sizes=(32, 18), width=LINE
            ),
            # Two lines of programme are usual; the size goes down only for more than that.
            "programme": fitted_size(
                fields["programme"], family="noto-serif", bold=True, sizes=(17, 12), width=1.85 * LINE
            ),
        },
    }
    return render_pdf(f"certificates/pdf/v{template_version}.html", context, made_at=made_at)
