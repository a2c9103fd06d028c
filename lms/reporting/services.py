"""Making, revoking and using the keys of other systems."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.core.audit import record_event
from lms.core.errors import DomainError
from lms.organisations.models import Unit

from .models import ApiToken, TokenScope
from .permissions import require_token_manager

PREFIX = "bds_"  # so that a secret left in a file can be told for what it is


class ExpiryInThePast(DomainError):
    message = _("The last day has gone by. Choose a later one.")


class NothingToRead(DomainError):
    message = _("Choose at least one thing this system may read.")


class AlreadyRevoked(DomainError):
    message = _("This token has been revoked already.")


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    *, name: str, unit: Unit | None, scopes: Iterable[str], expires_on: date, actor, now: datetime
) -> tuple[ApiToken, str]:
    """Gives the token and its secret, which cannot be had again."""
    require_token_manager(actor)
    chosen = [scope for scope in TokenScope.values if scope in set(scopes)]
    if not chosen:
        raise NothingToRead
    if expires_on < timezone.localdate(now):
        raise ExpiryInThePast
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name,
            unit=unit,
            scopes=chosen,
            secret_hash=hash_of(secret),
            created_by=actor,
            created_at=now,
            expires_on=expires_on,
        )
        record_event(
            actor=actor,
            action="api_token.created",
            target=token,
            now=now,
            unit=unit.code if unit else "",
            scopes=chosen,
            expires_on=expires_on.isoformat(),
        )
    return token, secret


def revoke_token(*, token: ApiToken, actor, now: datetime) -> None:
    require_token_manager(actor)
    with transaction.atomic():
        held = ApiToken.objects.select_for_update().get(pk=token.pk)
        if held.revoked_at is not None:
            raise AlreadyRevoked
        held.revoked_at = now
        held.save(update_fields=["revoked_at"])
        record_event(actor=actor, action="api_token.revoked", target=held, now=now)


def use_token(*, secret: str, now: datetime) -> ApiToken | None:
    """The token of a secret, if it holds now. It is found by its hash, so no comparison tells how near a guess came.

    Remembers the day, once a day; who asked what is the web server's log, not the audit trail.
    """
    today = timezone.localdate(now)
    token = (
        ApiToken.objects.select_related("unit")
        .filter(secret_hash=hash_of(secret), revoked_at__isnull=True, expires_on__gte=today)
        .first()
    )
    if token is not None and token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token
