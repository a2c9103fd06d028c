"""Who sits where."""

from datetime import date, datetime

from django.db import transaction

from lms.core.audit import record_event
from lms.core.vietnamese import nfc
from lms.organisations.followers import people_moved
from lms.organisations.models import Posting, Unit
from lms.organisations.permissions import require_configurer

from .errors import AlreadyEnded, EndBeforeBeginning, PostingNotLater, UnitNotStanding


@transaction.atomic
def post_official(
    *,
    person,
    unit: Unit,
    valid_from: date,
    actor,
    now: datetime,
    position: str = "",
    category: str = "",
    rank_code: str = "",
    rank_name: str = "",
    is_main: bool = True,
) -> Posting:
    """Give a person a posting in a unit. A main one ends the earlier main one on that day, and open records follow.

    Records follow at once; where the posting begins later, on its day (``follow_postings``).
    """
    require_configurer(actor, now=now)
    if unit.ended_on and valid_from >= unit.ended_on:
        raise UnitNotStanding(unit)
    if is_main:
        before = Posting.objects.filter(person=person, is_main=True, valid_to__isnull=True)
        if before.filter(valid_from__gt=valid_from).exists():
            raise PostingNotLater
        before.update(valid_to=valid_from)
    posting = Posting(
        person=person,
        unit=unit,
        position=nfc(position),
        category=category,
        rank_code=rank_code,
        rank_name=nfc(rank_name),
        is_main=is_main,
        valid_from=valid_from,
    )
    posting.full_clean()
    posting.save()
    record_event(
        actor=actor, action="posting.created", target=posting, now=now, unit=unit.code, position=position
    )
    if is_main:
        people_moved([person.pk], actor=actor, now=now)
    return posting


@transaction.atomic
def follow_postings(*, now: datetime) -> int:
    """Let records follow the postings that began since; gives how many moved. A second run moves nothing."""
    return sum(len(moved) for moved in people_moved(None, actor=None, now=now).values())


@transaction.atomic
def end_posting(*, posting: Posting, valid_to: date, actor, now: datetime) -> Posting:
    """End a posting without a next one; ``valid_to`` is the first day without it."""
    require_configurer(actor, now=now)
    if valid_to < posting.valid_from:
        raise EndBeforeBeginning
    updated = Posting.objects.filter(pk=posting.pk, valid_to__isnull=True).update(valid_to=valid_to)
    if updated != 1:
        raise AlreadyEnded
    posting.valid_to = valid_to
    record_event(
        actor=actor,
        action="posting.ended",
        target=posting,
        now=now,
        unit=posting.unit.code,
        valid_to=valid_to.isoformat(),
    )
    return posting
