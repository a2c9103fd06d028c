"""Two accounts of one person become one: what was done under both stands under the account that goes on.

Nothing of the other vanishes: it is closed, keeps its name and what could not be carried over, and says where the rest is.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from . import sessions
from .holdings import Fate, Merge, Merged, Words, holdings, obstacles_to_merging
from .models import User
from .permissions import may_change_people
from .services import unusable_password


class SameAccount(DomainError):
    message = _("This is the same account.")


class OwnMerge(DomainError):
    message = _("Your own account is merged by another administrator.")


class NotToBeMerged(DomainError):
    message = _("One of the two accounts was erased or merged before.")


class MergeReasonMissing(DomainError):
    message = _("Write down how it is known that both are one person: it is kept in the audit trail.")


class NotYet(DomainError):
    """Something stands in the way; the message names it."""


@dataclass(frozen=True)
class MergedRows:
    label: Words
    result: Merged


@transaction.atomic
def merge_people(*, kept: User, closed: User, reason: str, actor, now: datetime) -> list[MergedRows]:
    """Carry everything over to ``kept`` and close ``closed``, for good.

    The staff code goes along when ``kept`` has none; ways to sign in do not, but links of single sign-on do.

    Raises:
        NotAllowed, SameAccount, OwnMerge, NotToBeMerged, MergeReasonMissing
        NotYet: the rooms name what has to be settled first
    """
    if not may_change_people(actor):
        raise NotAllowed
    if kept.pk == closed.pk:
        raise SameAccount
    if actor.pk in (kept.pk, closed.pk):
        raise OwnMerge
    if not reason.strip():
        raise MergeReasonMissing
    locked = {
        person.pk: person
        for person in User.objects.select_for_update().filter(pk__in=[kept.pk, closed.pk]).order_by("pk")
    }
    kept, closed = locked[kept.pk], locked[closed.pk]
    if any(person.erased_at or person.merged_into_id for person in (kept, closed)):
        raise NotToBeMerged
    if obstacles := obstacles_to_merging(kept, closed):
        raise NotYet(" ".join(str(words) for words in obstacles))
    for session in sessions.sessions_of(closed):
        session.end()
    accounts = Merge(kept=kept, closed=closed, actor=actor, now=now)
    rows = []
    for holding in holdings():
        if holding.merge:
            rows.append(MergedRows(holding.label, holding.merge(accounts)))
        if holding.fate is Fate.REMOVED:
            holding.of(closed).delete()
    code = closed.staff_code
    closed.staff_code, closed.is_active, closed.password = "", False, unusable_password()
    closed.merged_into = kept
    closed.save()
    User.objects.filter(merged_into=closed).update(merged_into=kept)
    if code and not kept.staff_code:
        kept.staff_code = code
        kept.save()
    moved = {
        holding.relation: row.result.moved
        for holding, row in zip([h for h in holdings() if h.merge], rows, strict=True)
        if row.result.moved
    }
    # One event on each, so that the history of either tells it.
    record_event(
        actor=actor,
        action="person.merged",
        target=closed,
        now=now,
        into=kept.pk,
        reason=reason.strip(),
        rows=moved,
    )
    record_event(
        actor=actor, action="person.took_over", target=kept, now=now, account=closed.pk, reason=reason.strip()
    )
    return [row for row in rows if row.result.moved or row.result.left]


class _Undo(Exception):
    pass


def preview_merge(*, kept: User, closed: User, actor, now: datetime) -> list[MergedRows]:
    """What ``merge_people`` would do: done and taken back. Raises what it raises."""
    rows: list[MergedRows] = []
    try:
        with transaction.atomic():
            rows = merge_people(kept=kept, closed=closed, reason="–", actor=actor, now=now)
            raise _Undo
    except _Undo:
        return rows
