"""Sessions as an iCalendar file (RFC 5545): times in UTC, the same UID for the same session for good."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings

from .models import Session

CALENDAR_TYPE = "text/calendar; charset=utf-8"
LINE_OCTETS = 75


def escaped(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line end have a meaning of their own."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """Lines of at most 75 octets, the next ones begun with a blank; no letter is cut in two."""
    parts, part, size, limit = [], "", 0, LINE_OCTETS
    for sign in line:
        octets = len(sign.encode())
        if size + octets > limit:
            parts.append(part)
            # The blank that begins a continued line counts as well.
            part, size, limit = "", 0, LINE_OCTETS - 1
        part += sign
        size += octets
    return "\r\n ".join([*parts, part])


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _event(session: Session, *, host: str, address: str) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:session-{session.pk}@{host}",
        f"DTSTAMP:{_utc(session.changed_at)}",
        f"LAST-MODIFIED:{_utc(session.changed_at)}",
        f"SEQUENCE:{session.version}",
        f"DTSTART:{_utc(session.starts)}",
        f"DTEND:{_utc(session.ends)}",
        f"SUMMARY:{escaped(session.topic)}",
        f"URL:{address}",
        f"STATUS:{'CANCELLED' if session.is_cancelled else 'CONFIRMED'}",
    ]
    if session.room:
        lines.append(f"LOCATION:{escaped(session.room)}")
    words = [f"{session.run.title} ({session.run.code})"]
    if session.trainer:
        words.append(str(session.trainer))
    if session.is_cancelled:
        words.append(session.cancelled_reason)
    lines.append(f"DESCRIPTION:{escaped(chr(10).join(words))}")
    lines.append("END:VEVENT")
    return lines


def calendar_of(sessions: Iterable[Session], *, name: str, address: str) -> bytes:
    """``sessions`` with their run and trainer; ``address`` is the page where the reader sees them all."""
    host = urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname or "localhost"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Boi duong so//Timetable//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for session in sessions:
        lines += _event(session, host=host, address=address)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()
