"""What this room holds about a person, for its export and its erasure; see ``lms.users.holdings``."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.spreadsheets import Sheet
from lms.users.holdings import (
    Fate,
    Holding,
    Merge,
    Merged,
    register_holdings,
    register_obstacle,
    register_sheets,
)

from .models import Posting, RoleGrant
from .services import end_posting, end_role


def _sheets(person) -> Iterable[Sheet]:
    postings = Posting.objects.filter(person=person).select_related("unit").order_by("valid_from", "pk")
    yield Sheet(
        name=_("Postings"),
        headings=[
            _("Unit"),
            _("Position"),
            _("Category"),
            _("Rank"),
            _("Main posting"),
            _("From"),
            _("Last day"),
        ],
        rows=[
            [
                posting.unit.name,
                posting.position,
                posting.get_category_display(),
                f"{posting.rank_code} {posting.rank_name}".strip(),
                _("yes") if posting.is_main else _("no"),
                posting.valid_from,
                posting.last_day,
            ]
            for posting in postings
        ],
        widths=[40, 30, 16, 26, 14, 14, 14],
    )
    grants = RoleGrant.objects.filter(person=person).select_related("unit").order_by("valid_from", "pk")
    yield Sheet(
        name=_("Roles"),
        headings=[_("Role"), _("Unit"), _("From"), _("To"), _("Decision")],
        rows=[
            [
                grant.get_role_display(),
                grant.unit.name,
                grant.valid_from,
                grant.valid_to,
                grant.decision_number,
            ]
            for grant in grants
        ],
        widths=[26, 40, 14, 14, 24],
    )


def _still_in_service(person, *, on: date) -> Iterable[Promise]:
    open_on = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    if Posting.objects.filter(open_on, person=person).exists():
        yield gettext_lazy("End the postings of this person first.")
    if RoleGrant.objects.filter(open_on, person=person).exists():
        yield gettext_lazy("End the roles of this person first.")


def _merge_postings(accounts: Merge) -> Merged:
    """Days on which both sat somewhere stay as they were reported: nobody gets two main postings on one day."""
    today = timezone.localdate(accounts.now)
    held = list(Posting.objects.filter(person=accounts.kept, is_main=True))
    moved = left = 0
    for posting in Posting.objects.select_for_update().filter(person=accounts.closed).order_by("valid_from"):
        if posting.is_main and any(_overlap(posting, other) for other in held):
            left += 1
            if posting.valid_to is None:
                day = max(today, posting.valid_from)
                end_posting(posting=posting, valid_to=day, actor=accounts.actor, now=accounts.now)
        else:
            moved += Posting.objects.filter(pk=posting.pk).update(person=accounts.kept)
    return Merged(
        moved,
        left,
        gettext_lazy("both accounts had a main posting on the same days; those that went on end today"),
    )


def _overlap(one: Posting, other: Posting) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def _end_roles(accounts: Merge) -> Merged:
    """Rights are not gathered by the way: whoever needs a role on the account that goes on is granted it."""
    today = timezone.localdate(accounts.now)
    grants = RoleGrant.objects.filter(person=accounts.closed)
    for grant in grants.filter(valid_to__isnull=True):
        end_role(grant=grant, valid_to=max(today, grant.valid_from), actor=accounts.actor, now=accounts.now)
    return Merged(
        0, grants.count(), gettext_lazy("roles are not carried over; grant them anew where they are needed")
    )


def register() -> None:
    register_sheets(_sheets, order=10)
    register_obstacle(_still_in_service)
    register_holdings(
        Holding("organisations.Posting.person", Fate.KEPT, gettext_lazy("Postings"), merge=_merge_postings),
        Holding("organisations.RoleGrant.person", Fate.KEPT, gettext_lazy("Role grants"), merge=_end_roles),
        Holding("organisations.RoleGrant.granted_by", Fate.OF_OTHERS),
        Holding("organisations.UnitEvent.recorded_by", Fate.OF_OTHERS),
        Holding("organisations.UnitEvent.undone_by", Fate.OF_OTHERS),
    )
