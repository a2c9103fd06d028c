"""A staff list on its way through the admin: kept privately, previewed and loaded in the background, then forgotten."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lms.core.jobs import enqueue_job
from lms.core.models import AuditEvent, Job
from lms.core.storage import private_storage
from lms.organisations.permissions import require_configurer
from lms.organisations.unit_files import UnreadableFile
from lms.users.invitations import invite_people

from .importing import IMPORTED, HeaderNotFound, StaffImport, import_staff
from .reading import Table, open_table
from .report import error_file

PREVIEW_JOB, LOAD_JOB, INVITE_JOB = "staff-preview", "staff-load", "staff-invite"
FOLDER = "staff-lists"
KEPT_DAYS = 14
FAULTS_SHOWN = 200
# A workbook is composed in memory; a longer list of faults is written as csv.
MOST_IN_A_WORKBOOK = 20_000


@dataclass(frozen=True)
class StaffList:
    """A list that was sent in, and how it is to be read. JSON values alone: it travels in jobs and signed addresses."""

    file: str  # its name in the private storage
    name: str  # what it was called
    on: str  # the day new postings begin, ISO
    all_or_nothing: bool = False
    chosen: Mapping[str, str] | None = None  # heading → column
    answers: Mapping[str, str] | None = None  # row → who it is
    language: str = "vi"  # of whoever sent it: reasons are written down in it

    @classmethod
    def receive(cls, upload: UploadedFile, *, on: date, all_or_nothing: bool) -> "StaffList":
        suffix = Path(upload.name).suffix.lower()
        kept = private_storage().save(f"{FOLDER}/{uuid4()}{suffix}", ContentFile(upload.read()))
        name = Path(upload.name).name[:120]
        return cls(kept, name, on.isoformat(), all_or_nothing, language=get_language() or "vi")

    def table(self) -> Table:
        """Raises UnreadableFile."""
        return open_table(Path(private_storage().path(self.file)), chosen=self.chosen)

    def mapped(self, chosen: Mapping[str, str]) -> "StaffList":
        return replace(self, chosen=dict(chosen))

    def answered(self, answers: Mapping[str, str]) -> "StaffList":
        return replace(self, answers={**(self.answers or {}), **answers})


def ask_for_preview(staff_list: StaffList, *, actor, now: datetime) -> Job:
    require_configurer(actor, now=now)
    title = _("Preview of the staff list %(name)s") % {"name": staff_list.name}
    return enqueue_job(kind=PREVIEW_JOB, title=title, payload=asdict(staff_list), requested_by=actor, now=now)


def ask_for_loading(preview: Job, *, actor, now: datetime) -> Job:
    """Load what a preview showed; asked twice it is one job."""
    require_configurer(actor, now=now)
    return enqueue_job(
        kind=LOAD_JOB,
        title=_("Staff list %(name)s") % {"name": preview.payload["name"]},
        payload=preview.payload,
        requested_by=actor,
        now=now,
        dedupe_key=preview.payload["file"],
    )


def ask_for_invitations(load: Job, *, actor, now: datetime) -> Job:
    """Invite the people whose accounts a list made; who has been invited is left out."""
    require_configurer(actor, now=now)
    return enqueue_job(
        kind=INVITE_JOB,
        title=_("Invitations to the people of %(name)s") % {"name": load.payload["name"]},
        payload={"of": str(load.public_id)},
        requested_by=actor,
        now=now,
        dedupe_key=str(load.public_id),
    )


Progress = Callable[[int, int], None]


def preview_list(job: Job, *, now: datetime, progress: Progress) -> dict[str, Any]:
    with _in_its_language(job):
        try:
            return _told(_carry_out(job, now=now, progress=progress, dry_run=True), job)
        except (UnreadableFile, HeaderNotFound) as error:
            # No further attempt would read it: that is the result, in words for who sent it.
            return {"unreadable": str(error), "counts": {}} | _page_of(job)


def load_list(job: Job, *, now: datetime, progress: Progress) -> dict[str, Any]:
    with _in_its_language(job):
        result = _carry_out(job, now=now, progress=progress, dry_run=False)
        # What a worker did before it died is no change any more to the one that goes on: the trail knows both.
        created = loaded_people(job).filter(data__created=True).count()
        changed = loaded_people(job).filter(data__created=False).count()
        result.unchanged += result.created + result.changed - created - changed
        result.created, result.changed = created, changed
        return _told(result, job)


def _in_its_language(job: Job):
    return override(job.payload.get("language", "vi"))


def _page_of(job: Job) -> dict[str, Any]:
    return {"view": "staff_lists:job", "kwargs": {"public_id": str(job.public_id)}}


def loaded_people(load: Job) -> QuerySet[AuditEvent]:
    """An event for each person whom the list created or changed."""
    return AuditEvent.objects.filter(action=IMPORTED, data__list=str(load.public_id))


def _carry_out(job: Job, *, now: datetime, progress: Progress, dry_run: bool) -> StaffImport:
    staff_list = StaffList(**job.payload)
    answers = {int(row): answer for row, answer in (staff_list.answers or {}).items()}
    return import_staff(
        open_list=staff_list.table,
        on=date.fromisoformat(staff_list.on),
        actor=job.requested_by,
        now=now,
        answers=answers,
        all_or_nothing=staff_list.all_or_nothing,
        dry_run=dry_run,
        progress=progress,
        source=str(job.public_id),
    )


def _told(result: StaffImport, job: Job) -> dict[str, Any]:
    """The job's result: figures, the first of everything, and where all that was refused is written."""
    errors = ""
    if result.refused:
        suffix = ".xlsx" if len(result.refused) <= MOST_IN_A_WORKBOOK else ".csv"
        content = ContentFile(error_file(result.refused, suffix=suffix))
        errors = private_storage().save(f"{FOLDER}/{job.public_id}-errors{suffix}", content)
    faults = [refusal for refusal in result.refused if not refusal.candidates]
    return {
        "counts": result.counts(),
        "samples": result.samples,
        "faults": [asdict(refusal) for refusal in faults[:FAULTS_SHOWN]],
        "questions": [asdict(refusal) for refusal in result.questions[:FAULTS_SHOWN]],
        "fault_count": len(faults),
        "question_count": len(result.questions),
        "errors": errors,
        "nothing_loaded": result.nothing_loaded,
    } | _page_of(job)


def invite_created(job: Job, *, now: datetime, progress: Progress) -> dict[str, Any]:
    load = Job.objects.get(public_id=job.payload["of"])
    created = (
        loaded_people(load).filter(data__created=True).order_by("pk").values_list("object_id", flat=True)
    )
    sent = invite_people(map(int, created), actor=job.requested_by, now=now, progress=progress)
    return {"sent": sent, "view": "staff_lists:job", "kwargs": {"public_id": job.payload["of"]}}


def forget_lists(*, now: datetime) -> int:
    """Delete lists and error files that are older than they are kept; gives how many."""
    storage = private_storage()
    if not storage.exists(FOLDER):
        return 0
    names = [f"{FOLDER}/{name}" for name in storage.listdir(FOLDER)[1]]
    old = [name for name in names if storage.get_modified_time(name) < now - timedelta(days=KEPT_DAYS)]
    for name in old:
        storage.delete(name)
    return len(old)
