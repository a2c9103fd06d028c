"""Tags and filters of the design system; built in, so templates need no ``{% load %}``.

Dates and numbers follow the active language: officials read ``31/05/2019`` and ``1.234,5``, English
readers ``31 May 2019`` and ``1,234.5``. Filters answer "" for None, so an empty cell stays empty.
"""

import logging
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from html import escape

from django import template
from django.conf import settings
from django.forms import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.http import QueryDict
from django.middleware.csrf import get_token
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy

logger = logging.getLogger(__name__)
register = template.Library()

NOTHING_TO_DIVIDE_BY = "–"
ICON_NAME = re.compile(r"[a-z0-9-]+")
ICON_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
ICON_SIZES = {"", "small", "large", "huge"}


# --- Icons and forms ----------------------------------------------------------------------------------------
@lru_cache(maxsize=512)
def icon_body(name: str) -> SafeString:
    """The drawing inside a Lucide icon, without its outer element; "" when there is no such icon."""
    if not ICON_NAME.fullmatch(name):
        raise ValueError(f"not an icon name: {name!r}")
    path = settings.NODE_MODULES / "lucide-static" / "icons" / f"{name}.svg"
    try:
        drawing = ICON_BODY.search(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        drawing = None
    if drawing is None:
        # A page without one icon is better than no page.
        logger.warning("icon %s is missing at %s", name, path)
        return SafeString("")
    # The file ships with a pinned package, it is not user input.
    return mark_safe(re.sub(r"\s*\n\s*", "", drawing[1]))  # noqa: S308


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw a Lucide icon in the text's colour. Without a label it is hidden from screen readers."""
    return drawn_icon(name, str(label), size) if name else SafeString("")


@lru_cache(maxsize=1024)
def drawn_icon(name: str, label: str, size: str) -> SafeString:
    """Pages draw the same few dozen icons, some of them thirty times."""
    css = f"icon icon--{size}" if size in ICON_SIZES and size else "icon"
    naming = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="{}" {} focusable="false" width="20" height="20" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{}</svg>',
        css,
        naming,
        icon_body(name),
    )


@register.simple_tag(takes_context=True)
def csrf(context: template.Context) -> SafeString:
    """The hidden CSRF field. Unlike ``{% csrf_token %}`` it works inside ``{% include … only %}``."""
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        return SafeString("")
    if not hasattr(request, "_csrf_field"):
        # One mask for all forms of a page, as ``{% csrf_token %}`` has it.
        request._csrf_field = format_html(
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request)
        )
    return request._csrf_field


# --- Numbers ------------------------------------------------------------------------------------------------
def as_decimal(value) -> Decimal | None:
    """The value as a Decimal, or None for anything that is not a finite number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        result = Decimal(str(value))
    except InvalidOperation:
        return None
    return result if result.is_finite() else None


@register.filter
def number(value, decimals: int = 0) -> str:
    """1234.5 → ``1.234,5`` with ``number:1`` in Vietnamese, ``1,234.5`` in English."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    return number_format(amount, decimal_pos=int(decimals), use_l10n=True, force_grouping=True)


@register.filter
def percent(value, decimals: int | None = None) -> str:
    """63.5 → ``63,5%``. Whole numbers keep no decimals unless asked for."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    if decimals is None:
        decimals = 0 if amount == amount.to_integral_value() else 1
    return f"{number(amount, decimals)}%"


@register.filter
def percent_of(part, whole) -> str:
    """The share of ``part`` in ``whole``, one decimal; a dash when there is nothing to divide by."""
    part, whole = as_decimal(part), as_decimal(whole)
    if part is None or not whole:
        return NOTHING_TO_DIVIDE_BY
    return percent(round(part * 100 / whole, 1))


@register.filter
def plain(value) -> str:
    """A number as machines read it, for attributes: ``63.5`` in every language."""
    amount = as_decimal(value)
    return "0" if amount is None else format(amount.normalize(), "f")


@register.filter
def file_size(value) -> str:
    """Bytes → ``1,2 MB`` with a space that does not break."""
    return "" if as_decimal(value) is None else filesizeformat(value)


@register.filter
def minutes(value) -> str:
    """80 → ``1 giờ 20 phút``."""
    amount = as_decimal(value)
    return "" if amount is None else written_minutes(int(amount), get_language())


@lru_cache(maxsize=1024)
def written_minutes(total: int, language: str | None) -> str:
    """``language`` is the active one: the words are kept for each."""
    hours, rest = divmod(total, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": number(hours)})
    if rest or not hours:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest})
    return " ".join(parts)


@register.filter
def seconds_clock(value) -> str:
    """1805 → ``30:05``, 3725 → ``1:02:05``: what a countdown shows before its script runs."""
    total = max(int(as_decimal(value) or 0), 0)
    hours, rest = divmod(total, 3600)
    shown_minutes, seconds = divmod(rest, 60)
    return f"{hours}:{shown_minutes:02}:{seconds:02}" if hours else f"{shown_minutes:02}:{seconds:02}"


# --- Dates --------------------------------------------------------------------------------------------------
def as_local(value) -> date | datetime | None:
    """A date as it is; an aware moment in the reader's time zone; None for anything else."""
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    return value if isinstance(value, date) else None


def speaks_vietnamese() -> bool:
    return (get_language() or settings.LANGUAGE_CODE).startswith("vi")


def formatted(value, vietnamese: str, english: str) -> str:
    moment = as_local(value)
    return "" if moment is None else date_format(moment, vietnamese if speaks_vietnamese() else english)


@register.filter
def day(value) -> str:
    """``31/05/2019``; in English ``31 May 2019``."""
    return formatted(value, "d/m/Y", "j M Y")


@register.filter
def long_day(value) -> str:
    """``ngày 31 tháng 5 năm 2019`` as decisions write it: days and months under 10 and 3 keep a zero."""
    moment = as_local(value)
    if moment is None:
        return ""
    if not speaks_vietnamese():
        return date_format(moment, "j F Y")
    # Decree 30/2020 on clerical work: days 1 to 9 and months 1 and 2 are written with a leading zero.
    shown_month = f"{moment.month:02}" if moment.month < 3 else str(moment.month)
    return f"ngày {moment.day:02} tháng {shown_month} năm {moment.year}"


@register.filter
def moment(value) -> str:
    """``08:30, 31/05/2019``."""
    return formatted(value, "H:i, d/m/Y", "j M Y, H:i") if isinstance(value, datetime) else day(value)


@register.filter
def clock(value) -> str:
    """``08:30``."""
    return formatted(value, "H:i", "H:i") if isinstance(value, datetime) else ""


@register.filter
def month(value) -> str:
    """``05/2019``; in English ``May 2019``."""
    return formatted(value, "m/Y", "F Y")


@register.filter
def iso(value) -> str:
    """For ``<time datetime>``."""
    moment = as_local(value)
    return "" if moment is None else moment.isoformat()


# --- People -------------------------------------------------------------------------------------------------
@register.filter
def given_name(value) -> str:
    """``Nguyễn Văn An`` → ``An``: in Vietnamese people are addressed by the last word of the name."""
    words = str(value or "").split()
    return words[-1] if words else ""


@register.filter
def initials(value) -> str:
    """``Nguyễn Văn An`` → ``NA``: family name and given name."""
    words = str(value or "").split()
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()


# --- States -------------------------------------------------------------------------------------------------
# Every state a badge may show: its word, tone and icon.
STATES = {
    # Obligations
    "done": (pgettext_lazy("state", "Done"), "success", "circle-check"),
    "on_track": (pgettext_lazy("state", "On track"), "info", "circle-dashed"),
    "due_soon": (pgettext_lazy("state", "Due soon"), "warning", "clock-alert"),
    "overdue": (pgettext_lazy("state", "Overdue"), "danger", "circle-alert"),
    "exempt": (pgettext_lazy("state", "Exempt"), "neutral", "circle-minus"),
    "joined_late": (pgettext_lazy("state", "Joined late"), "neutral", "user-plus"),
    # Enrolments
    "nominated": (pgettext_lazy("state", "Nominated"), "neutral", "user-plus"),
    "approved": (pgettext_lazy("state", "Approved"), "info", "user-check"),
    "waiting": (pgettext_lazy("state", "Waiting list"), "warning", "hourglass"),
    "enrolled": (pgettext_lazy("state", "Enrolled"), "info", "user-check"),
    "in_progress": (pgettext_lazy("state", "In progress"), "info", "circle-dot-dashed"),
    "completed": (pgettext_lazy("state", "Completed"), "success", "circle-check"),
    "failed": (pgettext_lazy("state", "Not passed"), "danger", "circle-x"),
    "withdrawn": (pgettext_lazy("state", "Withdrawn"), "neutral", "circle-slash"),
    "expired": (pgettext_lazy("state", "Expired"), "neutral", "calendar-x"),
    # Runs
    "draft": (pgettext_lazy("state", "Draft"), "neutral", "pencil"),
    "open": (pgettext_lazy("state", "Open"), "info", "circle-dot"),
    "full": (pgettext_lazy("state", "Full"), "warning", "users"),
    "closed": (pgettext_lazy("state", "Closed"), "neutral", "lock"),
    "finished": (pgettext_lazy("state", "Finished"), "neutral", "lock"),
    # Certificates
    "eligible": (pgettext_lazy("state", "Eligible"), "info", "badge-check"),
    "recognised": (pgettext_lazy("state", "Recognised"), "info", "stamp"),
    "issued": (pgettext_lazy("state", "Issued"), "success", "award"),
    "replaced": (pgettext_lazy("state", "Replaced"), "neutral", "replace"),
    "revoked": (pgettext_lazy("state", "Revoked"), "danger", "ban"),
    # Attempts
    "not_started": (pgettext_lazy("state", "Not started"), "neutral", "circle"),
    "submitted": (pgettext_lazy("state", "Submitted"), "info", "send"),
    "graded": (pgettext_lazy("state", "Graded"), "success", "clipboard-check"),
    "passed": (pgettext_lazy("state", "Passed"), "success", "circle-check"),
}


@register.simple_tag
def state_badge(state) -> dict[str, str]:
    """``label``, ``tone`` and ``icon`` of a state; an unknown state is shown as it is, in neutral."""
    label, tone, icon_name = STATES.get(str(state), ("", "neutral", ""))
    return {"label": str(label or state), "tone": tone, "icon": icon_name}


@register.filter
def grammatical_number(value) -> int:
    """What ``{% blocktranslate count %}`` wants of a decimal: 1 for exactly one, else 2."""
    return 1 if as_decimal(value) == 1 else 2


# --- Outlines -----------------------------------------------------------------------------------------------
OUTLINE_ICONS = {"done": "circle-check", "current": "circle-dot"}


@register.simple_tag
def outline_links(items: list[dict]) -> SafeString:
    """The lines of an outline, each a ``<li>``: title, url, state (done, current, open, locked), minutes, current.

    Written here because a course has as many of them as lessons: a template included for each took a third of all the
    time of a lesson's page.
    """
    language = get_language()
    lines = []
    for item in items:
        state, url = item.get("state") or "open", item.get("url") or ""
        here = state == "current" or bool(item.get("current"))
        line = outline_line(state if url else "locked", here, item.get("minutes") or 0, language)
        lines.append(line % {"url": escape(url), "title": escape(item["title"])})
    return SafeString("".join(lines))


@lru_cache(maxsize=1024)
def outline_line(state: str, current: bool, length: int, language: str | None) -> str:
    """A line but for its ``%(url)s`` and ``%(title)s``. ``length`` is in minutes, ``language`` the active one."""
    if state == "locked":
        lock = icon("lock", label=pgettext("lesson", "Locked"))
        return (
            f'<li><span class="outline__link outline__link--locked">{lock}<span>%(title)s</span></span></li>'
        )
    label = pgettext("state", "Completed") if state == "done" else ""
    drawing = icon(OUTLINE_ICONS.get(state, "circle"), label)
    here = ' aria-current="page"' if current else ""
    time = f'<span class="outline__minutes">{minutes(length)}</span>' if length else ""
    return (
        f'<li><a class="outline__link outline__link--{state}" href="%(url)s"{here}>'
        f"{drawing}<span>%(title)s</span>{time}</a></li>"
    )


# --- Lists --------------------------------------------------------------------------------------------------
EMPTY_ART = {"courses", "search", "done", "inbox"}


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, name: str, value) -> str:
    """The current query with ``name`` changed; a new sort order starts again from the first page."""
    request = getattr(context, "request", None) or context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    query[name] = str(value)
    if name != "page" and name.startswith("sort"):
        query.pop("page", None)
    return f"?{query.urlencode()}"


@register.simple_tag
def page_numbers(page_obj) -> list[int | None]:
    """Page numbers to show around the current one; None stands for a gap."""
    ellipsis = page_obj.paginator.ELLIPSIS
    shown = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    return [None if entry == ellipsis else entry for entry in shown]


@register.simple_tag
def sort_state(field: str, current: str | None) -> dict[str, str]:
    """``direction`` as aria-sort says it ("" when another column sorts), and the value of the next click."""
    if current == field:
        return {"direction": "ascending", "next": f"-{field}"}
    return {"direction": "descending" if current == f"-{field}" else "", "next": field}


@register.simple_tag
def empty_art(name: str | None = None) -> str:
    """The address of an empty state's drawing."""
    return static(f"img/empty-{name if name in EMPTY_ART else 'inbox'}.svg")


@register.simple_tag
def field_kind(field) -> str:
    """How a bound field is laid out: ``hidden``, ``check`` (one box), ``group`` (several), ``file`` or ``line``."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, FileInput):
        return "file"
    return "group" if isinstance(widget, RadioSelect | CheckboxSelectMultiple) else "line"
