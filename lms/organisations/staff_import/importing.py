"""Bringing a staff list in. The same reading and comparing serve the preview, the dry run and the run itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.core.audit import record_events
from lms.core.bulk import insert_rows
from lms.core.errors import DomainError
from lms.organisations.followers import people_moved
from lms.organisations.models import Posting
from lms.organisations.permissions import require_configurer
from lms.users.models import User
from lms.users.services import unusable_password

from .matching import Change, Matcher, Refusal
from .reading import Table

IMPORTED = "staff.imported"
SAMPLES = 50
WRITTEN = [
    "staff_code",
    "last_name",
    "first_name",
    "gender",
    "email",
    "birth_date",
    "birth_year_only",
    "name_key",
    "search_text",
]
POSTED = [
    "person_id",
    "unit_id",
    "position",
    "category",
    "rank_code",
    "rank_name",
    "is_main",
    "valid_from",
    "valid_to",
]


class HeaderNotFound(DomainError):
    message = _("No row names the columns “Họ và tên” and “Mã đơn vị”. Say which column is which.")


@dataclass
class StaffImport:
    """What came of a list, or would: ``samples`` are the first of those created and changed."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused_rows: int = 0
    refused: list[Refusal] = field(default_factory=list)
    created_ids: list[int] = field(default_factory=list)
    samples: list[dict] = field(default_factory=list)
    nothing_loaded: bool = False

    @property
    def questions(self) -> list[Refusal]:
        return [refusal for refusal in self.refused if refusal.candidates]

    def counts(self) -> dict[str, int]:
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused_rows,
        }


def import_staff(
    *,
    open_list: Callable[[], Table],
    on: date,
    actor,
    now: datetime,
    answers: Mapping[int, str] | None = None,
    all_or_nothing: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
    source: str = "",
) -> StaffImport:
    """Load a list as it stands on the day ``on``; gives what was done, or with ``dry_run`` would be.

    A thousand rows are one transaction, so a run that is cut short is finished by the next one. ``all_or_nothing`` takes
    the whole list in one, and none of it when a row is refused. ``source`` names the list in the trail. Raises
    HeaderNotFound, UnreadableFile.
    """
    require_configurer(actor, now=now)

    def go(*, write: bool) -> StaffImport:
        table = open_list()
        if table.places is None:
            raise HeaderNotFound
        result = StaffImport()
        matcher = Matcher(table, on=on, answers=answers)
        for rows, faults, last in matcher.chunks():
            with transaction.atomic():
                changes, refused = matcher.compare(rows, lock=write)
                if write:
                    _write(changes, actor=actor, now=now, source=source)
            _count(result, changes, [*faults, *refused])
            progress(last, max(last, table.height))
        return result

    if not all_or_nothing:
        return go(write=not dry_run)
    result = go(write=False)
    if result.refused:
        result.nothing_loaded = True
        result.created = result.changed = 0
        result.samples = []
        return result
    if dry_run:
        return result
    with transaction.atomic():
        return go(write=True)


def _count(result: StaffImport, changes: list[Change], refused: list[Refusal]) -> None:
    for change in changes:
        if change.is_nothing:
            result.unchanged += 1
            continue
        if change.is_new:
            result.created += 1
            if change.person.pk:
                result.created_ids.append(change.person.pk)
        else:
            result.changed += 1
        if len(result.samples) < SAMPLES:
            result.samples.append(_sample(change))
    result.refused_rows += len({refusal.row for refusal in refused})
    result.refused += sorted(refused, key=lambda refusal: refusal.row)


def _sample(change: Change) -> dict:
    return {
        "row": change.row.number,
        "name": change.person.get_full_name(),
        "code": change.person.staff_code,
        "unit": change.row.unit,
        "position": change.posting.position if change.posting else "",
        "is_new": change.is_new,
        "fields": change.fields,
        "posting": bool(change.posting),
    }


def _write(changes: list[Change], *, actor, now: datetime, source: str) -> None:
    """A chunk in a constant number of statements; one audit event for each person."""
    done = [change for change in changes if not change.is_nothing]
    new = [change.person for change in done if change.is_new]
    changed = [change for change in done if change.fields]
    for person in chain(new, (change.person for change in changed)):
        person.set_derived_fields()
    for person in new:
        person.password = unusable_password()
    _create(new)
    User.objects.bulk_update([change.person for change in changed], WRITTEN, batch_size=200)
    renamed = [change.person.pk for change in changed if "email" in change.fields]
    if renamed:
        # allauth keeps addresses of its own; an old one must open nothing any more.
        EmailAddress.objects.filter(user__in=renamed).delete()
    posted = [change for change in done if change.posting]
    ended = [change.ends.pk for change in posted if change.ends]
    if ended:
        Posting.objects.filter(pk__in=ended).update(valid_to=posted[0].posting.valid_from)
    insert_rows(
        Posting,
        POSTED,
        [
            (change.person.pk, *(getattr(change.posting, column) for column in POSTED[1:]))
            for change in posted
        ],
    )
    record_events(
        actor=actor,
        action=IMPORTED,
        targets=[(change.person, _told(change, source)) for change in done],
        now=now,
    )
    moved = [change.person.pk for change in posted if change.changes_unit]
    if moved:
        people_moved(moved, actor=actor, now=now)


def _create(people: list[User]) -> None:
    """Insert accounts and give them their keys."""
    columns = [*WRITTEN, "password"]
    insert_rows(User, columns, [[getattr(person, name) for name in columns] for person in people])
    keys = dict(User.objects.filter(email__in=[person.email for person in people]).values_list("email", "pk"))
    for person in people:
        person.pk = keys[person.email]


def _told(change: Change, source: str) -> dict:
    """Names of fields, never values: the trail outlives the person's data."""
    told: dict = {"row": change.row.number, "created": change.is_new, "fields": change.fields}
    if source:
        told["list"] = source
    if change.posting:
        told |= {"unit": change.row.unit, "from": change.posting.valid_from.isoformat()}
    return told
