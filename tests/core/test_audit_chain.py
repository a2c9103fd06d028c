"""The audit trail cannot be changed, and where somebody went round the guards, the chain tells where."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.core import audit_chain
from lms.core.audit import record_event, record_events
from lms.core.audit_chain import seal_events, verify_chain
from lms.core.models import AuditEvent, AuditSeal
from lms.core.tasks import seal_audit_events
from lms.organisations.models import Unit
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def write_events(count: int, **data) -> list[AuditEvent]:
    unit, actor, now = make_unit(), make_person(), timezone.now()
    with transaction.atomic():
        return [
            record_event(actor=actor, action="unit.seen", target=unit, now=now, number=n, **data)
            for n in range(count)
        ]


def go_round_the_guards(statement: str, *values) -> None:
    """What somebody with the database in hand can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, values)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'core_%%'", []
            )
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(statement, values)
            for _name, sql in triggers:
                cursor.execute(sql)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditevent SET action = 'unit.hidden'",
        "UPDATE core_auditevent SET data = '{}'",
        "UPDATE core_auditevent SET actor_id = NULL",
        "UPDATE core_auditevent SET object_label = 'somebody else'",
        "DELETE FROM core_auditevent",
        "UPDATE core_auditseal SET hash = ''",
        "DELETE FROM core_auditseal",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement):
    write_events(2)
    seal_events(now=timezone.now())
    with pytest.raises((DatabaseError, IntegrityError), match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_persons_name_can_be_taken_out_of_an_event_and_the_chain_still_holds():
    [event] = write_events(1)
    seal_events(now=timezone.now())
    AuditEvent.objects.filter(pk=event.pk).update(object_label="")
    assert verify_chain(now=timezone.now()).holds


def test_every_event_gets_one_link_and_a_second_run_adds_none(monkeypatch):
    monkeypatch.setattr(audit_chain, "AT_ONCE", 4)
    before = AuditEvent.objects.count()
    write_events(11)
    assert seal_audit_events() == AuditEvent.objects.count() >= before + 11
    assert seal_audit_events() == 0
    report = verify_chain(now=timezone.now())
    assert report.holds
    assert report.links == AuditEvent.objects.count()


def test_bulk_events_are_sealed_too():
    unit = make_unit()
    with transaction.atomic():
        record_events(
            actor=None, action="unit.seen", targets=[(unit, {"n": n}) for n in range(5)], now=timezone.now()
        )
    seal_events(now=timezone.now())
    assert not AuditEvent.objects.filter(seal__isnull=True).exists()


def test_an_event_that_commits_behind_a_later_one_is_sealed_after_it():
    first, second = write_events(2)
    AuditSeal.objects.create(
        sequence=1,
        event=second,
        hash=audit_chain.event_hash(second, before=audit_chain.FIRST_LINK),
        sealed_at=timezone.now(),
    )
    seal_events(now=timezone.now())
    assert AuditSeal.objects.get(event=first).sequence > 1
    assert verify_chain(now=timezone.now()).holds


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 9),
    change=st.sampled_from(
        [
            ("action", "unit.hidden"),
            ("object_id", "999999"),
            ("object_type", "organisations.elsewhere"),
            ("data", '{"number": 77}'),
            ("at", "2001-01-01 00:00:00+00:00"),
        ]
    ),
)
def test_the_first_changed_event_is_named_whichever_it_is(which, change):
    with transaction.atomic():
        events = write_events(10)
        seal_events(now=timezone.now())
        column, value = change
        go_round_the_guards(
            f"UPDATE core_auditevent SET {column} = %s WHERE id = %s", value, events[which].pk
        )
        report = verify_chain(now=timezone.now())
        assert f"{events[which].pk} " in report.fault
        assert report.links == AuditSeal.objects.get(event=events[which]).sequence - 1
        transaction.set_rollback(True)


def test_a_link_taken_out_of_the_chain_is_missed():
    events = write_events(6)
    seal_events(now=timezone.now())
    sequence = AuditSeal.objects.get(event=events[3]).sequence
    go_round_the_guards("DELETE FROM core_auditseal WHERE sequence = %s", sequence)
    with pytest.raises(CommandError, match=str(sequence)):
        call_command("verify_audit", "--no-seal", stdout=StringIO())


def test_a_shortened_chain_no_longer_passes_through_the_head_that_was_kept():
    write_events(4)
    seal_events(now=timezone.now())
    head = verify_chain(now=timezone.now()).head
    number = int(head.split(":")[0])
    event_id = AuditSeal.objects.get(pk=number).event_id
    go_round_the_guards("DELETE FROM core_auditseal WHERE sequence = %s", number)
    go_round_the_guards("DELETE FROM core_auditevent WHERE id = %s", event_id)
    call_command("verify_audit", "--no-seal", stdout=StringIO())
    with pytest.raises(CommandError, match=head):
        call_command("verify_audit", "--no-seal", head=head, stdout=StringIO())


def test_events_that_nobody_sealed_are_told_after_five_minutes():
    unit, now = make_unit(), timezone.now()
    seal_events(now=now)
    with transaction.atomic():
        record_event(actor=None, action="unit.seen", target=unit, now=now)
    assert verify_chain(now=now).holds
    assert verify_chain(now=now + timedelta(minutes=6)).unsealed == 1


def test_the_command_seals_and_prints_the_head():
    write_events(3)
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert f"{AuditEvent.objects.count()}:" in out.getvalue()


def test_the_walk_reads_a_slice_at_a_time(django_assert_num_queries, monkeypatch):
    write_events(8)
    seal_events(now=timezone.now())
    monkeypatch.setattr(audit_chain, "AT_ONCE", 100)
    with django_assert_num_queries(3):
        verify_chain(now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_sealers_never_fork_the_chain():
    unit = make_unit()
    start = threading.Barrier(6)
    faults: list[BaseException] = []

    def write() -> None:
        start.wait()
        for number in range(15):
            with transaction.atomic():
                record_event(actor=None, action="unit.seen", target=unit, now=timezone.now(), number=number)

    def seal() -> None:
        start.wait()
        for _ in range(20):
            seal_events(now=timezone.now())

    def run(work) -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001  told to the test, which fails
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in [write] * 4 + [seal] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    seal_events(now=timezone.now())
    report = verify_chain(now=timezone.now())
    assert report.holds
    assert report.links == AuditEvent.objects.count() >= 60
    assert Unit.objects.filter(pk=unit.pk).exists()
