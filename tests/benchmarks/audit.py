"""Writers beside each other, each change with its audit event while the chain is sealed, against the changes alone."""

from collections.abc import Callable
from threading import Event, Thread

from django.db import connection, transaction
from django.utils import timezone

from lms.core.audit import record_event
from lms.core.audit_chain import seal_events, verify_chain
from lms.users.models import User

from .harness import Measured, compare

WRITERS = 4
CHANGES = 25  # of each writer


def audit(*, size: float, rounds: int) -> list[Measured]:
    people = [
        User.objects.create_user(f"w{number}@bench.example", None, last_name="B", first_name=f"W{number}")
        for number in range(WRITERS)
    ]

    def change(person: User, number: int, *, with_event: bool) -> None:
        with transaction.atomic():
            User.objects.filter(pk=person.pk).update(first_name=f"W{number}")
            if with_event:
                record_event(
                    actor=person,
                    action="person.changed",
                    target=person,
                    now=timezone.now(),
                    fields=["first_name"],
                )

    def write(*, with_event: bool) -> None:
        def work(person: User) -> None:
            for number in range(CHANGES):
                change(person, number, with_event=with_event)

        in_threads([lambda person=person: work(person) for person in people])

    def write_and_seal() -> None:
        over = Event()

        def seal() -> None:
            while not over.wait(0.05):
                seal_events(now=timezone.now())

        sealer = Thread(target=closing_its_connection(seal))
        sealer.start()
        try:
            write(with_event=True)
        finally:
            over.set()
            sealer.join()

    measured = compare(
        name="changes with audit events",
        floor=f"the changes alone, {WRITERS} writers",
        floor_run=lambda: write(with_event=False),
        ours_run=write_and_seal,
        gate=2.0,
        rounds=min(rounds, 15),
        note=f"{WRITERS * CHANGES} changes a run; the chain is sealed every 50 ms meanwhile, in use every 10 s",
    )
    seal_events(now=timezone.now())
    report = verify_chain(now=timezone.now())
    if not report.holds:
        raise AssertionError(f"the chain broke under {WRITERS} writers: {report.fault}")
    return [measured]


def closing_its_connection(work: Callable[[], None]) -> Callable[[], None]:
    def whole() -> None:
        try:
            work()
        finally:
            connection.close()

    return whole


def in_threads(work: list[Callable[[], None]]) -> None:
    threads = [Thread(target=closing_its_connection(one)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
