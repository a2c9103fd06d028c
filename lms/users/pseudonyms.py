"""Keys for purposes of their own, all following from ``SECRET_KEY``, and the pseudonyms made with one of them."""

import hmac
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@cache
def derived_key(secret: str, purpose: str) -> bytes:
    """32 bytes (HKDF, RFC 5869); a key of one purpose says nothing about that of another."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())


def secret_keys() -> tuple[str, ...]:
    """The key in use, then those that were replaced."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def pseudonym(subject: str, *, secret: str | None = None) -> str:
    """64 hexadecimal digits that stand for a personal identifier and do not tell it: twelve digits alone are soon guessed."""
    key = derived_key(secret or settings.SECRET_KEY, "lms.users.single_sign_on")
    return hmac.new(key, subject.encode(), "sha256").hexdigest()
