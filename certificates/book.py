"""The register book as a PDF: a short one at once, a long one in the background."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.core.errors import NotAllowed
from lms.core.jobs import enqueue_job
from lms.core.models import Job

from .fields import current_names
from .forms import RegisterFilter
from .models import Certificate
from .pdf import render_register_book
from .permissions import can_read_register
from .register import register_rows, sorted_register

BOOK_JOB = "certificates.register_book"
ROWS_AT_ONCE = 300  # a row costs about 2 ms of CPU: what a request may bear
FILTERS = ("q", "year", "kind", "run", "sort")


def book_rows(
    filters: dict[str, str], *, limit: int | None = None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The lines a filter chooses, in the order of numbers unless another was asked for, and what heads the book."""
    form = RegisterFilter(filters)
    certificates = sorted_register(form.apply(Certificate.objects.all()), filters.get("sort") or "number")
    total = certificates.count()
    chosen = form.cleaned_data if form.is_valid() else {}
    heading = {
        "total": total,
        "limit": limit,
        "is_cut": limit is not None and total > limit,
        "year": chosen.get("year"),
        "run": chosen.get("run"),
        "names": current_names(),
    }
    return register_rows(certificates[:limit]), heading


def make_book(
    filters: dict[str, str],
    *,
    printed_on: date,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bytes:
    """The PDF of the book, in Vietnamese; ``progress`` hears how many lines are drawn, of how many."""
    with translation.override("vi"):
        rows, heading = book_rows(filters, limit=limit)
        return render_register_book(rows, heading, printed_on=printed_on, progress=progress)


def order_book(*, filters: dict[str, str], actor, now: datetime) -> Job:
    """Start making a long book; gives the job, the standing one when the same was ordered already."""
    if not can_read_register(actor):
        raise NotAllowed(_("The register is read by the training office and the school's leaders."))
    payload = {name: filters[name] for name in FILTERS if filters.get(name)}
    key = "&".join(f"{name}={value}" for name, value in sorted(payload.items()))
    with transaction.atomic():
        return enqueue_job(
            kind=BOOK_JOB,
            title=gettext("Register book as PDF"),
            payload={"filters": payload},
            requested_by=actor,
            now=now,
            dedupe_key=f"{actor.pk}:{hashlib.sha256(key.encode()).hexdigest()}",
        )


def book_file(public_id: UUID) -> str:
    """Where the book of a job lies in the private storage."""
    return f"registers/{public_id}.pdf"


def store_book(*, job: Job, printed_on: date, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Make the ordered book and keep it; repeated, it takes the place of the one before."""
    content = make_book(job.payload["filters"], printed_on=printed_on, progress=progress)
    storage, name = storages["private"], book_file(job.public_id)
    storage.delete(name)
    storage.save(name, ContentFile(content))
    return {"view": "certificates:register_file", "kwargs": {"public_id": str(job.public_id)}}
