"""Slowing down whoever asks too often, counted in the cache per address and minute."""

from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

WINDOW_SECONDS = 60


def client_address(request: HttpRequest) -> str:
    """The address the request came from.

    ``TRUSTED_PROXY_COUNT`` proxies of ours stand in front, each of which appends the address it saw to
    X-Forwarded-For; whatever stands further left was written by the client and is not believed.
    """
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    if trusted and len(seen) >= trusted:
        return seen[-trusted]
    return request.META.get("REMOTE_ADDR", "")


def allow(request: HttpRequest, *, scope: str, per_minute: int, now: datetime) -> bool:
    """Count this request; False once the address has asked more than ``per_minute`` times in this minute.

    The cache is one for all web processes, of this machine or, with ``CACHE_URL``, of all of them.
    """
    return allow_for(client_address(request), scope=scope, per_minute=per_minute, now=now)


def allow_for(who: str, *, scope: str, per_minute: int, now: datetime) -> bool:
    """The same for anything that may be counted: people behind one address, each by their own."""
    window = int(now.timestamp()) // WINDOW_SECONDS
    key = f"throttle:{scope}:{who}:{window}"
    if cache.add(key, 1, timeout=2 * WINDOW_SECONDS):
        return per_minute >= 1
    try:
        return cache.incr(key) <= per_minute
    except ValueError:  # dropped from the cache in between
        return True


def seconds_left(now: datetime) -> int:
    """Until the next window opens."""
    return WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS
