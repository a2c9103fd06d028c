"""The chain over the audit trail: sealing what was written, and walking it from its first link.

Writers never meet the chain. Linking each event to the one before inside its own transaction would make every change of
the platform wait for one row; instead one process seals what has been committed, a few seconds behind. What is taken
from or changed in the sealed part is found by ``verify_chain``; what stands behind the last seal is told as such.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext

from .models import AuditEvent, AuditSeal

FIRST_LINK = "0" * 64  # what the first seal has before it
AT_ONCE = 2_000
# Numbers are given when an event is written, seals when it is committed: a long transaction may commit behind others.
REACH_BACK = 50_000
SEALED_WITHIN = timedelta(minutes=5)


def event_hash(event: AuditEvent, *, before: str) -> str:
    """SHA-256 over the hash before and what the event says, as JSON with sorted keys in UTF-8; 64 hex digits."""
    said = [
        before,
        event.pk,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.action,
        event.object_type,
        event.object_id,
        event.data,
    ]
    origin = [event.actor_role, event.actor_unit, event.address]
    if any(origin):
        # Events written before these were kept have none of them, and their links hold as they were.
        said.append(origin)
    words = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def seal_events(*, now: datetime) -> int:
    """Add a link for every committed event that has none; gives how many. Two at once: one of them gives 0."""
    sealed = 0
    while count := _seal_some(now=now):
        sealed += count
        if count < AT_ONCE:
            break
    return sealed


def _seal_some(*, now: datetime) -> int:
    try:
        with transaction.atomic():
            # Holds the end of the chain; a second process waits here and then fails on the number it took.
            last = AuditSeal.objects.select_for_update(no_key=True).order_by("-sequence").first()
            newest = AuditSeal.objects.aggregate(newest=Max("event_id"))["newest"] or 0
            waiting = AuditEvent.objects.filter(pk__gt=newest - REACH_BACK, seal__isnull=True)
            sequence, before = (last.sequence, last.hash) if last else (0, FIRST_LINK)
            seals = []
            for event in waiting.order_by("pk")[:AT_ONCE]:
                sequence, before = sequence + 1, event_hash(event, before=before)
                seals.append(AuditSeal(sequence=sequence, event=event, hash=before, sealed_at=now))
            AuditSeal.objects.bulk_create(seals)
    except IntegrityError:
        return 0
    return len(seals)


@dataclass(frozen=True)
class ChainReport:
    """``fault`` names the first link that does not hold, in words for an auditor; empty when all do.

    ``head`` is the last good link as ``number:hash``, to be kept outside the platform: a later walk from a shortened
    chain no longer passes through it. ``unsealed`` counts events older than the time sealing takes.
    """

    links: int
    head: str
    fault: str = ""
    unsealed: int = 0

    @property
    def holds(self) -> bool:
        return not self.fault and not self.unsealed


def verify_chain(*, now: datetime, known_head: str = "") -> ChainReport:
    """Walk every link from the first; ``known_head`` is the ``head`` of an earlier walk, which must still be there."""
    links, before, head, met = 0, FIRST_LINK, f"0:{FIRST_LINK}", not known_head
    for seal in _links():
        if seal.sequence != links + 1:
            return ChainReport(
                links,
                head,
                gettext("Link %(missing)s is missing; the next one there is %(next)s.")
                % {"missing": links + 1, "next": seal.sequence},
            )
        if event_hash(seal.event, before=before) != seal.hash:
            return ChainReport(
                links,
                head,
                gettext("Link %(link)s does not fit audit event %(event)s (%(words)s).")
                % {"link": seal.sequence, "event": seal.event_id, "words": seal.event},
            )
        links, before = seal.sequence, seal.hash
        head = f"{links}:{before}"
        met = met or head == known_head
    if not met:
        fault = gettext("The chain no longer passes through %(head)s.") % {"head": known_head}
        return ChainReport(links, head, fault)
    unsealed = AuditEvent.objects.filter(seal__isnull=True, at__lt=now - SEALED_WITHIN).count()
    return ChainReport(links, head, unsealed=unsealed)


def _links() -> Iterator[AuditSeal]:
    """In order, a slice at a time, so that millions are walked in the memory of some thousands."""
    after = 0
    while seals := list(
        AuditSeal.objects.filter(sequence__gt=after).select_related("event").order_by("sequence")[:AT_ONCE]
    ):
        yield from seals
        after = seals[-1].sequence
