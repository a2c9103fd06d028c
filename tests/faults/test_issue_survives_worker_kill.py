"""kill -9 in the middle of issuing a class of 80: after the restart 80 certificates, no gap, no duplicate.

A real worker as ``make run`` starts it, with the broker of this world (embedded, or Redis by ``CELERY_BROKER_URL``) on
the database of the test. First the pool's child is killed, which the worker survives, then the worker itself.
"""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from certificates.models import Certificate, RegisterCounter
from certificates.services import issue_for_run
from courses.models import Enrolment
from lms.core.models import AuditEvent, Job
from lms.runtime.places import ROOT, child_environment
from lms.runtime.serve import clock_command, die_with_parent, worker_command
from tests.database import own_databases
from tests.factories.certificates import make_administrator, make_completed_run

LEARNERS = 80
PATIENCE_SECONDS = 240

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


class Worker:
    """A Celery worker and the clock, each in a process group of its own."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.environment = child_environment(
            VAR_DIR=str(settings.VAR_DIR),
            DATABASE_URL=own_databases().url(connection.settings_dict["NAME"]),
            DJANGO_SETTINGS_MODULE="lms.settings.dev",
            CELERY_BROKER_URL=settings.CELERY_BROKER_URL,
            QUEUE_NAME=settings.CELERY_TASK_DEFAULT_QUEUE,
            JOB_LEASE_SECONDS="2",
        )
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        for command in (worker_command(1), clock_command(self.log.with_name("celerybeat-schedule"))):
            with self.log.open("ab") as out:
                self.processes.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=self.environment,
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=out,
                        start_new_session=True,
                        preexec_fn=die_with_parent,
                    )  # fmt: skip
                )

    def kill_pool(self) -> None:
        """What the system does to a child that takes all the memory; the worker itself lives on."""
        worker = self.processes[0].pid
        for pid in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
            os.kill(int(pid), signal.SIGKILL)

    def kill(self) -> None:
        """The worker with all that belongs to it, at once and without notice."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)
        self.processes = []


@pytest.fixture
def worker(tmp_path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "worker.log")
    yield worker
    worker.kill()


def wait_until(condition: Callable[[], bool], what: str, worker: Worker) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about:\n{worker.log.read_text()[-4000:]}")
        time.sleep(0.02)


def test_eighty_certificates_after_the_child_and_then_the_worker_are_killed(worker):
    run = make_completed_run(learners=LEARNERS)
    actor = make_administrator()
    job = issue_for_run(run=run, issued_on=run.closes_on, actor=actor, now=timezone.now())

    def files() -> int:
        return Certificate.objects.exclude(file="").count()

    worker.start()
    wait_until(lambda: files() >= 5, "the fifth certificate", worker)
    worker.kill_pool()
    at_first_kill = files()
    assert at_first_kill < LEARNERS
    wait_until(lambda: files() >= at_first_kill + 20, "going on after the child was killed", worker)
    worker.kill()
    at_second_kill = files()
    assert at_second_kill < LEARNERS
    numbers = list(Certificate.objects.order_by("number").values_list("number", "enrolment_id", "token"))
    assert len(numbers) == LEARNERS

    worker.start()

    def is_over() -> bool:
        job.refresh_from_db()
        return not job.is_open

    wait_until(is_over, "the end of the job", worker)
    assert job.state == Job.State.SUCCEEDED, job.error
    assert (job.progress_done, job.progress_total) == (LEARNERS, LEARNERS)
    assert job.result["certificates"] == LEARNERS

    # no number given anew, none missing, none twice
    assert (
        list(Certificate.objects.order_by("number").values_list("number", "enrolment_id", "token")) == numbers
    )
    assert [number for number, _enrolment, _token in numbers] == list(range(1, LEARNERS + 1))
    assert RegisterCounter.objects.get().last_number == LEARNERS
    assert {enrolment for _number, enrolment, _token in numbers} == set(
        Enrolment.objects.filter(run=run).values_list("pk", flat=True)
    )
    # every file is the one whose hash is kept, and no other file lies beside them
    storage = storages["private"]
    names = set()
    for certificate in Certificate.objects.all():
        with storage.open(certificate.file) as stored:
            assert hashlib.file_digest(stored, "sha256").hexdigest() == certificate.sha256
        names.add(Path(storage.path(certificate.file)))
    assert len(names) == LEARNERS
    on_disk = {path for folder in {name.parent for name in names} for path in folder.iterdir()}
    assert {path for path in on_disk if not path.name.startswith(".part-")} == names
    # one event for each number and one for each file
    for action in ("certificate.issued", "certificate.file_stored"):
        assert AuditEvent.objects.filter(action=action).count() == LEARNERS
