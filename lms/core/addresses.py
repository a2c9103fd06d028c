"""The site's own public address, which is printed on paper and sent by mail."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host


def leads_here_only(url: str) -> bool:
    """Whether an address means something on this machine alone: nobody else can follow it."""
    host = urlsplit(url).hostname or ""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_whole(url: str) -> bool:
    """Scheme and host, perhaps a port, and nothing behind them: ``https://boiduong.example``."""
    parts = urlsplit(url)
    return (
        parts.scheme in {"http", "https"} and parts.path in {"", "/"} and not (parts.query or parts.fragment)
    )


def is_answered(url: str) -> bool:
    """Whether a request for that host is let in."""
    return validate_host(urlsplit(url).hostname or "", settings.ALLOWED_HOSTS)
