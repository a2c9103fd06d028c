"""After a change of the structure: keeping its paper, and taking it back while nothing later stands on it."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from lms.core.audit import record_event
from lms.organisations.followers import undo_moves
from lms.organisations.models import Posting, RoleGrant, Unit, UnitEvent, UnitVersion
from lms.organisations.permissions import require_configurer

from .errors import AlreadyUndone, ChangedAgain, PeopleMovedOn, UnitInUse
from .roles import put_into_groups
from .units import put_below


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@transaction.atomic
def undo_event(*, event: UnitEvent, actor, now: datetime) -> UnitEvent:
    """Put everything back as it stood before the change. Raises CannotUndo, naming what stands in the way."""
    require_configurer(actor, now=now)
    event = UnitEvent.objects.select_for_update(no_key=True, of=("self",)).get(pk=event.pk)
    if event.undone_at is not None:
        raise AlreadyUndone
    later = (
        UnitEvent.objects.filter(units__in=event.units.all(), pk__gt=event.pk, undone_at__isnull=True)
        .order_by("-pk")
        .first()
    )
    if later is not None:
        raise ChangedAgain(later)
    changes = event.changes
    # Postings first: what follows people is taken back by where they sat.
    _take_back_postings(changes)
    undo_moves(changes["moved"], actor=actor, now=now)
    for pk, valid_to in changes["roles_ended"]:
        RoleGrant.objects.filter(pk=pk).update(valid_to=_day(valid_to))
    event.successions.all().delete()
    _take_back_shapes(event)
    event.undone_at, event.undone_by = now, actor
    event.save(update_fields=["undone_at", "undone_by"])
    grants = RoleGrant.objects.filter(pk__in=[pk for pk, _valid_to in changes["roles_ended"]])
    put_into_groups(grants.values_list("person_id", flat=True), on=timezone.localdate(now))
    record_event(actor=actor, action="structure.undone", target=event, now=now, kind=event.kind)
    return event


@transaction.atomic
def keep_scan(*, event: UnitEvent, scan, actor, now: datetime) -> UnitEvent:
    """Put the scan of the decision to the change; an earlier one is kept beside it on disk, and the trail names both."""
    require_configurer(actor, now=now)
    before = event.scan.name
    event.scan.save(scan.name, scan, save=False)
    event.to_confirm = False
    event.save(update_fields=["scan", "to_confirm"])
    record_event(
        actor=actor, action="structure.scan_kept", target=event, now=now, file=event.scan.name, before=before
    )
    return event


def _take_back_postings(changes: dict) -> None:
    opened = Posting.objects.filter(pk__in=changes["postings_opened"])
    valid_to_before = [valid_to for _pk, valid_to in changes["postings_closed"]]
    unended = opened.filter(valid_to__isnull=True).count()
    if opened.count() != len(changes["postings_opened"]) or (
        changes["postings_opened"] and unended != valid_to_before.count(None)
    ):
        raise PeopleMovedOn
    closed = list(Posting.objects.filter(pk__in=[pk for pk, _valid_to in changes["postings_closed"]]))
    if not changes["postings_opened"]:
        # They were sent nowhere: whoever has a main posting again since stays there.
        people = [posting.person_id for posting in closed]
        if Posting.objects.filter(person__in=people, is_main=True, valid_to__isnull=True).exists():
            raise PeopleMovedOn
    opened.delete()
    before = {pk: _day(valid_to) for pk, valid_to in changes["postings_closed"]}
    for posting in closed:
        posting.valid_to = before[posting.pk]
    Posting.objects.bulk_update(closed, ["valid_to"], batch_size=500)


def _take_back_shapes(event: UnitEvent) -> None:
    changes = event.changes
    UnitVersion.objects.filter(pk__in=changes["opened"]).delete()
    UnitVersion.objects.filter(pk__in=changes["closed"]).update(valid_to=None, closed_by=None)
    for pk, before in reversed(changes["amended"]):
        UnitVersion.objects.filter(pk=pk).update(**before)
    touched = event.units.exclude(pk__in=changes["created"]).order_by("path")
    shapes = {
        version.unit_id: version
        for version in UnitVersion.objects.filter(unit__in=touched, valid_to__isnull=True)
    }
    for unit in touched:
        shape = shapes.get(unit.pk)
        if shape is None:
            continue  # it had ended before this change and only its records were concerned
        for name in ("code", "name", "name_en", "kind"):
            setattr(unit, name, getattr(shape, name))
        unit.ended_on = None
        unit.save(update_fields=["code", "name", "name_en", "kind", "ended_on"])
        if unit.parent_id != shape.parent_id:
            put_below(unit, shape.parent)
    for pk in reversed(changes["created"]):
        unit = Unit.objects.get(pk=pk)
        event.units.remove(unit)
        UnitVersion.objects.filter(unit=unit).delete()
        try:
            unit.delete()
        except ProtectedError:
            raise UnitInUse from None
