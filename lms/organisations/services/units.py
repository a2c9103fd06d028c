"""Single units: their place in the tree and their first shape."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Substr

from lms.core.audit import record_event
from lms.core.vietnamese import nfc
from lms.organisations.models import Unit, UnitEvent, UnitVersion
from lms.organisations.permissions import require_configurer

from .errors import TooManyChildren

# Four digits a level, see ``Unit``.
MOST_CHILDREN = 9999


def next_path(parent: Unit | None) -> str:
    """The path after the last of those that stand below the parent now."""
    prefix = ""
    if parent is not None:
        # Two children made at one moment would otherwise ask for the same place.
        prefix = Unit.objects.select_for_update(no_key=True).get(pk=parent.pk).path
    last = Unit.objects.filter(parent=parent).aggregate(last=Max("path"))["last"]
    ordinal = int(last[-4:]) + 1 if last else 1
    if ordinal > MOST_CHILDREN:
        raise TooManyChildren
    return f"{prefix}{ordinal:04d}"


def put_below(unit: Unit, parent: Unit | None) -> None:
    """Bring a unit with everything below it to another place of today's tree: one statement whatever its size."""
    old = Unit.objects.values_list("path", flat=True).get(pk=unit.pk)
    new = next_path(parent)
    Unit.objects.filter(path__startswith=old).update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    Unit.objects.filter(pk=unit.pk).update(parent=parent)
    unit.parent, unit.path = parent, new


@transaction.atomic
def create_unit(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Unit | None,
    valid_from: date,
    actor,
    now: datetime,
    name_en: str = "",
    event: UnitEvent | None = None,
) -> Unit:
    """A new unit with its first dated version; ``event`` is the change of the structure that founds it, if one does."""
    require_configurer(actor, now=now)
    unit = Unit(
        code=nfc(code),
        name=nfc(name),
        name_en=nfc(name_en),
        kind=kind,
        parent=parent,
        path=next_path(parent),
    )
    unit.set_derived_fields()
    unit.full_clean()
    unit.save()
    UnitVersion.objects.create(
        unit=unit,
        code=unit.code,
        name=unit.name,
        name_en=unit.name_en,
        kind=kind,
        parent=parent,
        valid_from=valid_from,
        opened_by=event,
    )
    record_event(actor=actor, action="unit.created", target=unit, now=now, code=unit.code, name=unit.name)
    return unit
