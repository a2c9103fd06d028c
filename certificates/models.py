"""The register of certificates."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from lms.core.models import Record
from lms.core.vietnamese import fold
from lms.organisations.access import access_for
from lms.organisations.models import Role


def random_token() -> str:
    """128 random bits, URL-safe: the address of a certificate's verification page tells nothing of its number."""
    return secrets.token_urlsafe(16)


class CertificateKind(models.TextChoices):
    """Kinds by Circular 03/2023/TT-BNV, articles 5 and 6; the first is what a class ends with."""

    CERTIFICATE = "chung_chi", _("certificate (chứng chỉ)")
    COMPLETION = "giay_chung_nhan", _("attestation of completion (giấy chứng nhận hoàn thành)")
    TRAINING = "tap_huan", _("attestation of training (giấy chứng nhận tập huấn)")


# What stands before the school's symbol in a register number.
KIND_SYMBOLS = {
    CertificateKind.CERTIFICATE: "CC",
    CertificateKind.COMPLETION: "GCN",
    CertificateKind.TRAINING: "TH",
}


@register_setting(icon="doc-full-inverse")
class RegisterSettings(BaseSiteSetting):
    """How the register writes its numbers: 0001/2026/CC-ĐTBD."""

    school_symbol = models.CharField(
        _("the school's symbol in register numbers"),
        max_length=16,
        default="ĐTBD",
        help_text=_("Numbers already given do not change."),
    )

    class Meta:
        verbose_name = _("register of certificates")


class RegisterCounter(Record):
    """The last number taken per kind and year. Locked while numbers are taken, so there is no gap and no double."""

    kind = models.CharField(max_length=16, choices=CertificateKind.choices)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="one_counter_per_kind_and_year")]


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CertificateQuerySet":
        access = access_for(user)
        if access.sees_all_units:
            return self
        return self.filter(Q(enrolment__learner_id=user.pk) | access.units_q("enrolment__unit"))

    def file_readable_by(self, user) -> "CertificateQuerySet":
        """Certificates whose PDF the user may have. It shows more than reports do, so ministry readers have none."""
        access = access_for(user)
        if access.has(Role.SCHOOL_ADMINISTRATOR, Role.SCHOOL_LEADER):
            return self
        readable = Q(enrolment__learner_id=user.pk)
        for path in access.coordinated_paths:
            readable |= Q(enrolment__unit__path__startswith=path)
        return self.filter(readable)

    def without_file(self) -> "CertificateQuerySet":
        return self.filter(file="")

    def search(self, text: str) -> "CertificateQuerySet":
        """Certificates whose number, holder, unit or programme holds every word, marks or no marks."""
        found = self
        for word in fold(text).split():
            found = found.filter(search_text__contains=word)
        return found


class Certificate(Record):
    """One number in the register. ``fields`` holds every word the PDF shows, frozen at issue.

    The PDF is made from ``fields`` alone, once; ``sha256`` is the hash of the stored file. State: issued, later work
    adds replaced and revoked; a number is never reused.
    """

    class State(models.TextChoices):
        ISSUED = "issued", _("valid")
        REPLACED = "replaced", _("replaced")
        REVOKED = "revoked", _("revoked")

    enrolment = models.ForeignKey("courses.Enrolment", on_delete=models.PROTECT, related_name="certificates")
    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(_("kind"), max_length=16, choices=CertificateKind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    number_text = models.CharField(_("register number"), max_length=40, unique=True)
    token = models.CharField(max_length=32, unique=True, default=random_token, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.ISSUED)
    fields = models.JSONField()
    search_text = models.TextField(editable=False, blank=True)
    template_version = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField(_("issued at"))
    issued_on = models.DateField(_("date of issue"))
    file = models.CharField(max_length=200, blank=True)  # name in the "private" storage
    sha256 = models.CharField(max_length=64, blank=True)
    file_made_at = models.DateTimeField(null=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["year", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "kind"], name="one_certificate_per_enrolment_and_kind"
            ),
            models.UniqueConstraint(
                fields=["kind", "year", "number"], name="one_certificate_per_register_number"
            ),
            models.CheckConstraint(
                condition=Q(file="", sha256="") | (~Q(file="") & ~Q(sha256="")),
                name="stored_certificate_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.number_text
