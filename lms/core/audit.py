"""Writing the audit trail."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from .audit_origin import origin_of
from .bulk import insert_rows
from .models import AuditEvent


def record_event(
    *, actor, action: str, target: models.Model, now: datetime, in_no_role: bool = False, **data: Any
) -> AuditEvent:
    """Write one event beside the change it tells of; refuses to run outside that change's transaction.

    ``actor`` is None for what the system does by itself. ``in_no_role`` is for what people do for themselves, such as
    studying: their roles are not asked for. ``data`` must be JSON values without secrets.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "an audit event belongs in the transaction of its change"
        )
    origin = origin_of(actor, in_no_role=in_no_role)
    event = AuditEvent(
        at=now,
        actor=actor,
        actor_role=origin.role,
        actor_unit=origin.unit,
        address=origin.address,
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        object_label=str(target)[:255],
        data=data,
    )
    event.save(force_insert=True)
    return event


def record_events(
    *, actor, action: str, targets: Iterable[tuple[models.Model, dict[str, Any]]], now: datetime
) -> None:
    """The same for bulk paths: one event per record, one statement for all of them."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("audit events belong in the transaction of their change")
    origin = origin_of(actor)
    who = [actor.pk if actor else None, origin.role, origin.unit, origin.address]
    insert_rows(
        AuditEvent,
        [
            "at",
            "actor_id",
            "actor_role",
            "actor_unit",
            "address",
            "action",
            "object_type",
            "object_id",
            "object_label",
            "data",
        ],
        [
            (now, *who, action, target._meta.label_lower, str(target.pk), str(target)[:255], data)
            for target, data in targets
        ],
    )
