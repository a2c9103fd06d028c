"""Erasing a person: the account stays as a number without a name, so that figures, register and trail stay whole.

A certificate is a public document of the school: what it says was frozen when it was issued, and stays verifiable.
"""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.models import AuditEvent

from . import sessions
from .holdings import Fate, holdings, obstacles_to_erasing, redact_further
from .models import User
from .permissions import may_change_people
from .services import unusable_password

NAME = "Người đã xóa dữ liệu"
CHUNK = 500


class OwnErasure(DomainError):
    message = _("You cannot erase your own account. Ask another administrator.")


class AlreadyErased(DomainError):
    message = _("The data of this account has been erased already.")


class ErasureReasonMissing(DomainError):
    message = _("Write down who asked for it and on what ground: it is kept in the audit trail.")


class StillInService(DomainError):
    """Something has to end first; the message names it."""


@transaction.atomic
def erase_person(*, person: User, actor, reason: str, now: datetime) -> User:
    """Take name, code, addresses, birth and everything personal away, for good. Nothing brings it back.

    Raises:
        NotAllowed, OwnErasure, AlreadyErased, ErasureReasonMissing
        StillInService: postings, roles or classes have not ended
    """
    if not may_change_people(actor):
        raise NotAllowed
    if actor.pk == person.pk:
        raise OwnErasure
    if not reason.strip():
        raise ErasureReasonMissing
    kept = User.objects.select_for_update().get(pk=person.pk)
    if kept.erased_at:
        raise AlreadyErased
    if obstacles := obstacles_to_erasing(kept, on=timezone.localdate(now)):
        raise StillInService(" ".join(str(words) for words in obstacles))
    _erase(kept, actor=actor, reason=reason, now=now)
    # Accounts of the same person that were merged into this one carry the name as well.
    for other in User.objects.select_for_update().filter(merged_into=kept, erased_at__isnull=True):
        _erase(other, actor=actor, reason=reason, now=now)
    return kept


def _erase(person: User, *, actor, reason: str, now: datetime) -> None:
    for session in sessions.sessions_of(person):
        session.end()
    # Labels first: rows that are removed leave nothing to find them by.
    _empty_labels(User._meta.label_lower, [person.pk])
    counts = {}
    for holding in holdings():
        if holding.fate is Fate.OF_OTHERS:
            continue
        rows = holding.of(person)
        _empty_labels(rows.model._meta.label_lower, list(rows.values_list("pk", flat=True)))
        counts[holding.relation] = rows.count()
        if holding.redact:
            holding.redact(rows)
        if holding.fate is Fate.REMOVED:
            rows.delete()
    redact_further(person)
    ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)
    ).update(label="", data={})
    person.last_name, person.first_name = "", f"{NAME} {person.pk}"
    person.email, person.staff_code = f"da-xoa-{person.pk}@xoa.invalid", ""
    person.gender, person.birth_date, person.birth_year_only = "", None, False
    person.password, person.is_active, person.is_superuser, person.is_staff = (
        unusable_password(),
        False,
        False,
        False,
    )
    person.erased_at, person.last_login = now, None
    person.save()
    record_event(
        actor=actor,
        action="person.erased",
        target=person,
        now=now,
        reason=reason.strip(),
        rows={relation: count for relation, count in counts.items() if count},
    )


def _empty_labels(object_type: str, ids: list) -> None:
    for start in range(0, len(ids), CHUNK):
        chunk = [str(pk) for pk in ids[start : start + CHUNK]]
        AuditEvent.objects.filter(object_type=object_type, object_id__in=chunk).exclude(
            object_label=""
        ).update(object_label="")
