"""What every record is, the audit trail, and the table of background jobs."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Record(models.Model):
    """A row that people and services write, not authors: enrolments, answers, postings, events.

    Wagtail keeps an index of what refers to a page, an image or a document, and reads every foreign key of a model
    for it at each save: six statements and more beside the one that is meant. Records protect what they point to by
    ``PROTECT``, so they stay out of that index.
    """

    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True


class AuditEvent(Record):
    """One state change: who did what to which record, when, with what before and after.

    Written by the service that makes the change, in the same transaction, and never changed again: triggers in the
    database refuse it, and ``AuditSeal`` shows it where somebody went round them. ``data`` holds plain values without
    secrets. ``object_label`` keeps the words a reader needs after the record itself has gone; it may name a person, so
    it alone can be emptied (when a person is erased) and no hash covers it.
    """

    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # As they were at that moment, in words: the trail must not change with grants and units.
    actor_role = models.CharField(_("in the role"), max_length=120, blank=True)
    actor_unit = models.CharField(_("unit of the role"), max_length=120, blank=True)
    address = models.CharField(pgettext_lazy("network", "address"), max_length=45, blank=True)
    action = models.CharField(_("action"), max_length=64)
    object_type = models.CharField(_("kind of record"), max_length=64)
    object_id = models.CharField(_("record"), max_length=64)
    object_label = models.CharField(max_length=255, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
            models.Index(fields=["action", "at"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}:{self.object_id}"


class AuditSeal(Record):
    """A link of the chain over the audit trail: its hash covers one event and the hash of the link before.

    Links are added behind the writers, by one process at a time (``lms.core.audit_chain``), so that a change never waits
    for the chain. An event committed a moment ago has none yet; every older one has exactly one.
    """

    sequence = models.PositiveBigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("seal of an audit event")
        verbose_name_plural = _("seals of the audit trail")

    def __str__(self) -> str:
        return f"{self.sequence}: {self.hash[:12]}"


class Job(Record):
    """Work that takes longer than a request. The row is the truth; a Celery message only wakes a worker.

    A worker holds a job by ``lease_token`` until ``lease_until``; every step renews the lease. A worker that dies
    lets it run out, and the sweep wakes another. ``progress_total`` 0 means not yet known.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", pgettext_lazy("job", "failed")

    OPEN_STATES = [State.QUEUED, State.RUNNING]

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    title = models.CharField(_("title"), max_length=255)
    payload = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    # Two clicks on the same action share one open job.
    dedupe_key = models.CharField(max_length=128, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveSmallIntegerField(pgettext_lazy("job", "attempts"), default=0)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True)
    wake_after = models.DateTimeField()
    woken_at = models.DateTimeField(null=True, editable=False)  # when the last wake-up was sent
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(pgettext_lazy("job", "started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "wake_after"], name="job_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "dedupe_key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(dedupe_key=""),
                name="one_open_job_per_dedupe_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def percent(self) -> int:
        """Whole per cent done, 0 to 100."""
        if self.state == self.State.SUCCEEDED:
            return 100
        return self.progress_done * 100 // self.progress_total if self.progress_total else 0
