"""Keys by which other systems read figures and records."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record
from lms.organisations.access import Access
from lms.organisations.models import Role


class TokenScope(models.TextChoices):
    UNITS = "units", _("units")
    PEOPLE = "people", _("people and their units")
    RESULTS = "results", _("training results of people")
    RUNS = "runs", _("classes")
    CERTIFICATES = "certificates", _("certificates")
    COMPLETION = "completion", _("completion figures")
    OBLIGATIONS = "obligations", _("figures of obligations")


class ApiToken(Record):
    """What one system may read, of which unit and its subtree, until when. ``unit`` None stands for all units.

    The secret was shown once; only its SHA-256 hash is kept. It has 256 random bits, so that no salt is needed.
    """

    name = models.CharField(_("name"), max_length=120)
    unit = models.ForeignKey(
        "organisations.Unit",
        verbose_name=_("unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    scopes = models.JSONField(_("may read"), default=list)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    expires_on = models.DateField(_("last day"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    last_used_on = models.DateField(_("last used on"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
                name="token_is_revoked_after_it_was_made",
            ),
            models.CheckConstraint(condition=~Q(secret_hash=""), name="token_has_its_hash"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_words(self) -> str:
        words = dict(TokenScope.choices)
        return ", ".join(str(words.get(scope, scope)) for scope in self.scopes)

    @property
    def access(self) -> Access:
        """What a coordinator of the unit reads, or a ministry reader: the rules of the pages, no others."""
        if self.unit is None:
            return Access(grants=((Role.MINISTRY_READER, ""),))
        return Access(grants=((Role.COORDINATOR, self.unit.path),), unit_codes=(self.unit.code,))
