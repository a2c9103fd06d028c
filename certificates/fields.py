"""What a certificate says, taken from the records on the day of issue and kept for good."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from cms.models import SiteSettings
from courses.models import Enrolment, Run
from lms.core.addresses import leads_here_only
from lms.core.errors import DomainError
from lms.core.vietnamese import nfc
from lms.organisations.models import UnitVersion
from lms.users.models import Gender

from .models import KIND_SYMBOLS, RegisterSettings


class IssuerNotNamed(DomainError):
    message = _(
        "Certificates need the school's name and the signer: enter them in the CMS under “names and signers”."
    )


class AddressNotPublic(DomainError):
    message = _(
        "The code on a certificate would lead nowhere, because this site does not know its public address. Ask the"
        " system administrator to set BASE_URL for the web server and the worker."
    )


@dataclass(frozen=True)
class Issuer:
    """Who issues: names as they stand in the site's settings."""

    ministry: str
    school: str
    place: str
    signer_title: str
    signer_name: str
    symbol: str

    def number_text(self, *, kind: str, year: int, number: int) -> str:
        """ "0001/2026/CC-ĐTBD"."""
        return f"{number:04d}/{year}/{KIND_SYMBOLS[kind]}-{self.symbol}"


def current_issuer() -> Issuer:
    """Raises IssuerNotNamed when the settings name no school or no signer, AddressNotPublic in an installation that
    prints its address on paper and does not know it.
    """
    if settings.PUBLIC_ADDRESS_REQUIRED and leads_here_only(settings.WAGTAILADMIN_BASE_URL):
        raise AddressNotPublic
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        raise IssuerNotNamed
    names, register = SiteSettings.for_site(site), RegisterSettings.for_site(site)
    if not (names.school_name_vi and names.signer_name):
        raise IssuerNotNamed
    return Issuer(
        ministry=nfc(names.ministry_name_vi),
        school=nfc(names.school_name_vi),
        place=nfc(names.place),
        signer_title=nfc(names.signer_title),
        signer_name=nfc(names.signer_name),
        symbol=nfc(register.school_symbol),
    )


def current_names() -> SiteSettings | None:
    """The names of the default site, for headings of printed forms."""
    site = Site.objects.filter(is_default_site=True).first()
    return SiteSettings.for_site(site) if site else None


def frozen_day(text: str) -> date | None:
    """A date as ``frozen_fields`` writes it; "" is None."""
    return date.fromisoformat(text) if text else None


def unit_names_on(day: date, *, unit_ids: set[int]) -> dict[int, str]:
    """What the units were called on the day; a unit without a version on it is missing."""
    versions = UnitVersion.objects.filter(unit_id__in=unit_ids, valid_from__lte=day).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    )
    return dict(versions.values_list("unit_id", "name"))


def verification_url(token: str) -> str:
    """The absolute address printed on the certificate, in the language of the certificate."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{settings.WAGTAILADMIN_BASE_URL}{reverse('certificates:verify', args=[token])}"


def written_periods(periods: Decimal) -> str:
    """40 → "40", 2.5 → "2,5"."""
    return f"{periods.normalize():f}".replace(".", ",")


def frozen_fields(
    *,
    enrolment: Enrolment,
    run: Run,
    issuer: Issuer,
    unit_name: str,
    issued_on: date,
    number_text: str,
    token: str,
) -> dict[str, Any]:
    """Every word the PDF and the register show, as JSON values. Dates are ISO dates; "" stands for what is unknown."""
    learner = enrolment.learner
    return {
        "ministry": issuer.ministry,
        "school": issuer.school,
        "salutation": {Gender.MALE: "Ông", Gender.FEMALE: "Bà"}.get(learner.gender, "Ông/Bà"),
        "full_name": nfc(learner.get_full_name()),
        "gender": learner.gender,
        "birth_date": learner.birth_date.isoformat() if learner.birth_date else "",
        "birth_year_only": learner.birth_year_only,
        "position": nfc(enrolment.position),
        "unit": nfc(unit_name or enrolment.unit.name),
        "programme": nfc(run.course.title),
        "run_code": run.code,
        "run_title": nfc(run.title),
        "periods": written_periods(run.course.periods),
        "starts_on": run.opens_on.isoformat(),
        "ends_on": run.closes_on.isoformat(),
        "decision_number": nfc(run.decision_number),
        "decision_date": run.decision_date.isoformat() if run.decision_date else "",
        "place": issuer.place,
        "issued_on": issued_on.isoformat(),
        "signer_title": issuer.signer_title,
        "signer_name": issuer.signer_name,
        "number_text": number_text,
        "verify_url": verification_url(token),
    }
