"""Participations follow their learner from unit to unit while they are open; what was completed before the day stays."""

from collections.abc import Iterable
from datetime import datetime, time
from itertools import islice
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from courses.models import Enrolment, EnrolmentMove
from lms.core.audit import record_events
from lms.organisations.models import Posting
from lms.organisations.services.errors import PeopleMovedOn

BATCH = 1000


def follow(person_ids: Iterable[int] | None, *, actor, now: datetime) -> list[list[int]]:
    """Bring participations in step with the main posting of today; gives [move, enrolment] for each that moved.

    Moved are those still open, and those that ended on or after the day the posting began: they were done in it.
    """
    if person_ids is None:
        return _follow(None, actor=actor, now=now)
    moved, rest = [], iter(person_ids)
    while ids := list(islice(rest, BATCH)):
        moved += _follow(ids, actor=actor, now=now)
    return moved


def _follow(ids: Iterable[int] | None, *, actor, now: datetime) -> list[list[int]]:
    today = timezone.localdate(now)
    main = Posting.objects.on(today).main().filter(person=OuterRef("learner")).order_by("-valid_from")
    rows = (
        Enrolment.objects.annotate(
            sits_in=Subquery(main.values("unit")[:1]), sits_since=Subquery(main.values("valid_from")[:1])
        )
        .filter(sits_in__isnull=False)
        .exclude(unit=F("sits_in"))
        .select_related("learner", "run")
    )
    if ids is not None:
        rows = rows.filter(learner__in=ids)
    moves, moving = [], []
    for row in rows.select_for_update(no_key=True, of=("self",)):
        if row.ended_at and row.ended_at < timezone.make_aware(datetime.combine(row.sits_since, time.min)):
            continue
        moves.append(
            EnrolmentMove(
                enrolment=row,
                from_unit_id=row.unit_id,
                to_unit_id=row.sits_in,
                on=row.sits_since,
                moved_at=now,
            )
        )
        row.unit_id = row.sits_in
        moving.append(row)
    Enrolment.objects.bulk_update(moving, ["unit"], batch_size=500)
    moves = EnrolmentMove.objects.bulk_create(moves, batch_size=BATCH)
    record_events(
        actor=actor,
        action="enrolment.moved",
        now=now,
        targets=[
            (move.enrolment, {"from": move.from_unit_id, "to": move.to_unit_id, "on": move.on.isoformat()})
            for move in moves
        ],
    )
    return [[move.pk, move.enrolment_id] for move in moves]


def undo(moved: list[list[int]], *, actor: Any, now: datetime) -> None:
    """Take moves back. Raises CannotUndo when a participation was moved again since."""
    moves = EnrolmentMove.objects.filter(pk__in=[move for move, _enrolment in moved]).select_related(
        "enrolment"
    )
    moving = []
    for move in moves:
        if move.enrolment.unit_id != move.to_unit_id:
            raise PeopleMovedOn
        move.enrolment.unit_id = move.from_unit_id
        moving.append(move.enrolment)
    if len(moving) != len(moved):
        raise PeopleMovedOn
    Enrolment.objects.bulk_update(moving, ["unit"], batch_size=500)
    moves.delete()
    record_events(actor=actor, action="enrolment.moved_back", now=now, targets=[(row, {}) for row in moving])
