"""Particulars that are nobody's business but a few people's: off unless the installation switches them on.

``SENSITIVE_FIELDS`` names those that are kept (Decree 356/2025/NĐ-CP counts ethnic origin and political views as sensitive
personal data). Reading them needs ``users.read_sensitive``, which no role brings with it, and every reading is in the
audit trail: which fields of whom, never what they say. No list and no export holds them.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from lms.core.audit import record_event
from lms.core.errors import NotAllowed

from .models import SensitiveRecord, User

READ, CHANGE = "users.read_sensitive", "users.change_sensitive"


def kept_fields() -> list[str]:
    """Names of the fields this installation keeps, in the order of the model."""
    return [name for name in SensitiveRecord.FIELDS if name in settings.SENSITIVE_FIELDS]


@transaction.atomic
def read_sensitive(*, person: User, actor, now: datetime) -> SensitiveRecord:
    """What is kept of the person; the reading is recorded in the same transaction. Raises NotAllowed."""
    if not actor.has_perm(READ):
        raise NotAllowed
    record_event(actor=actor, action="person.sensitive_read", target=person, now=now, fields=kept_fields())
    return SensitiveRecord.objects.filter(person=person).first() or SensitiveRecord(person=person)


@transaction.atomic
def change_sensitive(*, person: User, actor, now: datetime, **values: Any) -> SensitiveRecord:
    """Keep what was told; ``values`` are of ``kept_fields``. Raises NotAllowed."""
    if not actor.has_perm(CHANGE):
        raise NotAllowed
    unknown = values.keys() - set(kept_fields())
    if unknown:
        raise TypeError(f"not kept here: {sorted(unknown)}")
    kept, _created = SensitiveRecord.objects.select_for_update(no_key=True).get_or_create(person=person)
    changed = [name for name, value in values.items() if getattr(kept, name) != value]
    if changed:
        for name in changed:
            setattr(kept, name, values[name])
        kept.full_clean()
        kept.save(update_fields=changed)
        record_event(actor=actor, action="person.sensitive_changed", target=person, now=now, fields=changed)
    return kept
