"""What this room holds about a person, for its export and its erasure; see ``lms.users.holdings``."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.spreadsheets import Sheet
from lms.users.holdings import Fate, Holding, register_holdings, register_obstacle, register_sheets

from .models import Posting, RoleGrant


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


def register() -> None:
    register_sheets(_sheets, order=10)
    register_obstacle(_still_in_service)
    register_holdings(
        Holding("organisations.Posting.person", Fate.KEPT, gettext_lazy("Postings")),
        Holding("organisations.RoleGrant.person", Fate.KEPT, gettext_lazy("Role grants")),
        Holding("organisations.RoleGrant.granted_by", Fate.OF_OTHERS),
        Holding("organisations.UnitEvent.recorded_by", Fate.OF_OTHERS),
        Holding("organisations.UnitEvent.undone_by", Fate.OF_OTHERS),
    )
