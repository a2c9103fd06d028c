"""Writes to people."""

from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from .models import User
from .permissions import may_add_people, may_change_people


class DataErased(DomainError):
    message = _("The data of this account were erased; it cannot be used again.")


class AccountMerged(DomainError):
    message = _("This account was merged into another account of the same person; that one goes on.")


EDITABLE = [
    "email",
    "last_name",
    "first_name",
    "staff_code",
    "gender",
    "birth_date",
    "birth_year_only",
    "is_active",
]


def unusable_password() -> str:
    """What stands in place of a password until its owner sets one.

    As ``make_password(None)`` makes it, random so that no link to set one can be guessed, at a tenth of its cost: staff
    lists make a hundred thousand.
    """
    return UNUSABLE_PASSWORD_PREFIX + token_urlsafe(30)


@transaction.atomic
def create_person(
    *,
    email: str,
    last_name: str,
    first_name: str,
    actor,
    now: datetime,
    staff_code: str = "",
    gender: str = "",
    birth_date: date | None = None,
    birth_year_only: bool = False,
    password_hash: str | None = None,
) -> User:
    """A new account. Without ``password_hash`` nobody can sign in to it until its owner sets a password by e-mail."""
    if actor is not None and not may_add_people(actor):
        raise NotAllowed
    person = User(
        email=User.objects.normalize_email(email),
        last_name=last_name,
        first_name=first_name,
        staff_code=staff_code,
        gender=gender,
        birth_date=birth_date,
        birth_year_only=birth_year_only,
        password=password_hash or unusable_password(),
    )
    person.set_derived_fields()
    person.full_clean()
    person.save()
    # No values: the trail outlives the person's data.
    record_event(actor=actor, action="person.created", target=person, now=now)
    return person


@transaction.atomic
def update_person(*, person: User, actor, now: datetime, **values: Any) -> User:
    """Correct a person's record; ``values`` are of ``EDITABLE``. An account made inactive is signed out at once.

    Roles are granted in ``lms.organisations``; nobody is made a superuser here.
    """
    if not may_change_people(actor):
        raise NotAllowed
    unknown = values.keys() - set(EDITABLE)
    if unknown:
        raise TypeError(f"not to be changed here: {sorted(unknown)}")
    kept = User.objects.select_for_update().get(pk=person.pk)
    if kept.erased_at:
        raise DataErased
    if kept.merged_into_id and values.get("is_active"):
        raise AccountMerged
    before = {name: getattr(kept, name) for name in values}
    for name, value in values.items():
        setattr(kept, name, value)
    kept.set_derived_fields()
    kept.full_clean(exclude=["password"])
    changed = [name for name, value in before.items() if getattr(kept, name) != value]
    if changed:
        kept.save()
        if "email" in changed:
            # allauth keeps addresses of its own; an old one must open nothing any more.
            EmailAddress.objects.filter(user=kept).delete()
        # Which fields, not their values: the trail outlives the person's data.
        record_event(actor=actor, action="person.changed", target=kept, now=now, fields=changed)
    return kept
