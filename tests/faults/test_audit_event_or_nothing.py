"""kill -9 between a write and its audit event leaves neither; without the transaction the write alone would stay."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from lms.core.models import AuditEvent
from lms.runtime.places import ROOT, child_environment
from lms.users.models import User
from tests.database import own_databases

PATIENCE_SECONDS = 60

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


def killed_halfway(way: str, mark: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.halfway", way, str(mark)],
        cwd=ROOT,
        env=child_environment(
            VAR_DIR=str(settings.VAR_DIR),
            DATABASE_URL=own_databases().url(connection.settings_dict["NAME"]),
            DJANGO_SETTINGS_MODULE="lms.settings.dev",
        ),
    )
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not mark.exists():
            assert process.poll() is None, "the process ended before it wrote"
            assert time.monotonic() < end, "the process did not get as far as the write"
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)


def written() -> tuple[bool, bool]:
    """Whether the account is there, and its event."""
    there = User.objects.filter(email="giua-chung@bo.example").exists()
    return there, AuditEvent.objects.filter(action="person.created").exists()


def test_a_write_whose_process_is_killed_before_its_event_leaves_neither(tmp_path):
    killed_halfway("service", tmp_path / "mark")
    assert written() == (False, False)


def test_control_without_the_transaction_the_write_alone_would_stay(tmp_path):
    killed_halfway("control", tmp_path / "mark")
    assert written() == (True, False)
