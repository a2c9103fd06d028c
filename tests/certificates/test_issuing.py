"""Issuing: one certificate each, numbers without gaps, words frozen, files made once, every step repeatable."""

import hashlib
import io
import threading
import unicodedata
from datetime import date, timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone
from pypdf import PdfReader

from certificates import services
from certificates.fields import AddressNotPublic, IssuerNotNamed
from certificates.models import Certificate, CertificateKind, RegisterCounter
from certificates.services import (
    IssueDateNotPossible,
    NothingToIssue,
    certificate_for,
    eligible_enrolments,
    issue_for_run,
    store_file,
    take_numbers,
)
from courses.models import Enrolment
from lms.core import jobs
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent, Job
from lms.organisations.models import Role
from tests.factories.certificates import (
    make_administrator,
    make_certificates,
    make_completed_run,
    name_the_issuer,
)
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

KIND = CertificateKind.CERTIFICATE
pytestmark = pytest.mark.django_db


def issue(run, *, actor=None, issued_on=None) -> Job:
    """Ask for the certificates of a run and let the worker do the job."""
    job = issue_for_run(
        run=run, issued_on=issued_on or run.closes_on, actor=actor or make_administrator(), now=timezone.now()
    )
    jobs.run_job(job.pk)
    job.refresh_from_db()
    return job


def test_everyone_who_completed_gets_one_certificate_with_its_file():
    run = make_completed_run(learners=3)
    make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)
    job = issue(run)
    assert job.state == Job.State.SUCCEEDED
    assert (job.progress_done, job.progress_total) == (3, 3)
    certificates = list(Certificate.objects.filter(run=run))
    assert len(certificates) == 3
    for certificate in certificates:
        with storages["private"].open(certificate.file) as stored:
            content = stored.read()
        assert hashlib.sha256(content).hexdigest() == certificate.sha256
        assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_numbers_follow_the_order_of_vietnamese_names():
    run = make_completed_run(
        names=["Trần Văn Ân", "Lê Thị Đào", "Nguyễn Văn An", "Phạm Thị Ánh", "Lê Văn Dũng"]
    )
    issue(run)
    issued = Certificate.objects.filter(run=run).order_by("number")
    assert [c.fields["full_name"].split()[-1] for c in issued] == ["An", "Ánh", "Ân", "Dũng", "Đào"]
    year = run.closes_on.year
    assert [c.number_text for c in issued] == [f"{n:04d}/{year}/CC-ĐTBD" for n in range(1, 6)]


def test_issuing_twice_gives_the_same_certificates():
    run = make_completed_run(learners=2)
    issue(run)
    before = list(Certificate.objects.values_list("pk", "number_text", "sha256"))
    with pytest.raises(NothingToIssue):
        issue(run)
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    jobs.run_job(job.pk)
    assert list(Certificate.objects.values_list("pk", "number_text", "sha256")) == before


def test_two_clicks_share_one_job():
    run = make_completed_run(learners=1)
    actor = make_administrator()
    asked = [
        issue_for_run(run=run, issued_on=run.closes_on, actor=actor, now=timezone.now()) for _ in range(2)
    ]
    assert asked[0].pk == asked[1].pk


def test_those_who_complete_later_get_the_next_numbers():
    run = make_completed_run(learners=2)
    issue(run)
    other = make_completed_run(learners=1)
    issue(other)
    late = make_enrolment(run=run, state=Enrolment.State.COMPLETED, now=timezone.now() - timedelta(days=2))
    issue(run)
    assert [c.number for c in Certificate.objects.order_by("number")] == [1, 2, 3, 4]
    assert certificate_for(late).number == 4


def test_each_kind_and_year_counts_by_itself():
    last_year = timezone.localdate().replace(month=6, day=1) - timedelta(days=365)
    old = make_completed_run(
        learners=1,
        opens_on=last_year - timedelta(days=5),
        closes_on=last_year,
        due_on=last_year,
        completed_at=timezone.now() - timedelta(days=800),
    )
    issue(old)
    new = make_completed_run(learners=1)
    issue(new)
    actor = make_administrator()
    now = timezone.now()
    take_numbers(run=new, kind=CertificateKind.TRAINING, issued_on=new.closes_on, actor=actor, now=now)
    assert sorted(Certificate.objects.values_list("number_text", flat=True)) == sorted(
        [
            f"0001/{last_year.year}/CC-ĐTBD",
            f"0001/{new.closes_on.year}/CC-ĐTBD",
            f"0001/{new.closes_on.year}/TH-ĐTBD",
        ]
    )


def test_what_a_certificate_says_is_frozen_at_issue():
    run = make_completed_run(names=["Nguyễn Thị Mai"])
    certificate = make_certificates(run, files=False)[0]
    before = dict(certificate.fields)
    learner = certificate.enrolment.learner
    learner.last_name, learner.birth_date = "Lê Thị", date(1990, 1, 1)
    learner.save()
    run.course.title = "Tên khác"
    run.course.save()
    name_the_issuer(school_name_vi="Trường khác", signer_name="Người khác")
    certificate.refresh_from_db()
    assert certificate.fields == before
    store_file(certificate=certificate, actor=None, now=timezone.now())
    certificate.refresh_from_db()
    with storages["private"].open(certificate.file) as stored:
        text = unicodedata.normalize("NFC", PdfReader(stored).pages[0].extract_text())
    assert "Nguyễn Thị Mai" in text
    assert "Trần Thị Hạnh" in text
    assert "Lê Thị" not in text


def test_the_unit_is_called_as_on_the_day_of_issue():
    run = make_completed_run(learners=1)
    enrolment = Enrolment.objects.get(run=run)
    unit = enrolment.unit
    unit.versions.update(name="Vụ Tên Cũ")
    assert make_certificates(run, files=False)[0].fields["unit"] == "Vụ Tên Cũ"


def test_the_certificate_carries_the_fields_of_the_form():
    run = make_completed_run(names=["Nguyễn Hoàng Phương Thảo Nguyên"], decision_number="12/QĐ-TĐT")
    fields = make_certificates(run, files=False)[0].fields
    assert fields["salutation"] == "Bà"
    assert fields["birth_date"] == "1985-03-15"
    assert fields["periods"] == "40"
    assert fields["starts_on"] == run.opens_on.isoformat()
    assert fields["decision_number"] == "12/QĐ-TĐT"
    assert fields["verify_url"].endswith(
        f"/chung-chi/xac-thuc/{certificate_for(Enrolment.objects.get(run=run)).token}/"
    )


def test_only_the_training_office_issues():
    run = make_completed_run(learners=1)
    for role in (
        Role.SCHOOL_LEADER,
        Role.COORDINATOR,
        Role.TRAINER,
        Role.MINISTRY_READER,
        Role.SYSTEM_ADMINISTRATOR,
    ):
        person = make_person(unit=make_unit(), roles=[role])
        with pytest.raises(NotAllowed):
            issue_for_run(run=run, issued_on=run.closes_on, actor=person, now=timezone.now())
    assert not Job.objects.exists()


def test_the_date_of_issue_is_neither_in_the_future_nor_before_the_last_completion():
    run = make_completed_run(learners=1)
    actor, now = make_administrator(), timezone.now()
    for day in (timezone.localdate() + timedelta(days=1), timezone.localdate() - timedelta(days=10)):
        with pytest.raises(IssueDateNotPossible):
            issue_for_run(run=run, issued_on=day, actor=actor, now=now)


def test_a_school_without_a_name_issues_nothing():
    run = make_completed_run(learners=1)
    name_the_issuer(signer_name="")
    with pytest.raises(IssuerNotNamed):
        issue_for_run(run=run, issued_on=run.closes_on, actor=make_administrator(), now=timezone.now())


def test_an_installation_that_does_not_know_its_address_issues_nothing(settings):
    run = make_completed_run(learners=1)
    settings.PUBLIC_ADDRESS_REQUIRED = True
    settings.WAGTAILADMIN_BASE_URL = "http://localhost:8000"
    with pytest.raises(AddressNotPublic):
        issue_for_run(run=run, issued_on=run.closes_on, actor=make_administrator(), now=timezone.now())
    settings.WAGTAILADMIN_BASE_URL = "https://boiduong.example"
    assert issue(run).state == Job.State.SUCCEEDED
    assert Certificate.objects.get().fields["verify_url"].startswith("https://boiduong.example/chung-chi/")


def test_a_run_without_completions_has_nothing_to_issue():
    name_the_issuer()
    run = make_run()
    assert not eligible_enrolments(run).exists()
    with pytest.raises(NothingToIssue):
        issue_for_run(run=run, issued_on=timezone.localdate(), actor=make_administrator(), now=timezone.now())


def test_every_certificate_has_one_event_for_its_number_and_one_for_its_file():
    run = make_completed_run(learners=2)
    actor = make_administrator()
    issue(run, actor=actor)
    for certificate in Certificate.objects.all():
        events = AuditEvent.objects.filter(
            object_type="certificates.certificate", object_id=str(certificate.pk)
        )
        assert sorted(events.values_list("action", flat=True)) == [
            "certificate.file_stored",
            "certificate.issued",
        ]
        assert {event.actor_id for event in events} == {actor.pk}
        assert events.get(action="certificate.file_stored").data["sha256"] == certificate.sha256


def test_a_full_disk_burns_no_number_and_leaves_no_truncated_file(monkeypatch, private_folder):
    run = make_completed_run(learners=2)
    real_fsync = __import__("os").fsync

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lms.core.storage.os.fsync", full)
    job = issue(run)
    assert job.state == Job.State.QUEUED
    assert "No space left" in job.error
    numbers = list(Certificate.objects.order_by("number").values_list("number_text", "token"))
    assert len(numbers) == 2
    assert Certificate.objects.without_file().count() == 2
    assert [path for path in private_folder.rglob("*") if path.is_file()] == []
    monkeypatch.setattr("lms.core.storage.os.fsync", real_fsync)
    Job.objects.filter(pk=job.pk).update(wake_after=timezone.now())
    jobs.run_job(job.pk)
    assert list(Certificate.objects.order_by("number").values_list("number_text", "token")) == numbers
    assert not Certificate.objects.without_file().exists()


def test_an_attempt_cut_off_after_writing_the_file_finds_it_again(private_folder):
    certificate = make_certificates(make_completed_run(learners=1))[0]
    Certificate.objects.filter(pk=certificate.pk).update(file="", sha256="", file_made_at=None)
    again = Certificate.objects.get(pk=certificate.pk)
    store_file(certificate=again, actor=None, now=timezone.now())
    again.refresh_from_db()
    assert (again.file, again.sha256) == (certificate.file, certificate.sha256)
    assert len(list(private_folder.rglob("*.pdf"))) == 1


def test_missing_files_are_made_by_asking_again():
    run = make_completed_run(learners=2)
    make_certificates(run, files=False)
    job = issue(run)
    assert job.state == Job.State.SUCCEEDED
    assert not Certificate.objects.without_file().exists()


# --- Two classes at once ------------------------------------------------------------------------------------
def in_threads(functions) -> list[BaseException]:
    """Run the functions at the same moment, each with a connection of its own; gives what they raised."""
    barrier, errors = threading.Barrier(len(functions)), []

    def work(function) -> None:
        try:
            barrier.wait(timeout=20)
            function()
        except BaseException as error:  # noqa: BLE001  a thread's error must reach the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return errors


@pytest.mark.django_db(transaction=True)
def test_classes_issued_at_once_share_the_numbers_without_gap_or_double():
    runs = [make_completed_run(learners=4) for _ in range(4)]
    actor, now = make_administrator(), timezone.now()

    def taking(run):
        return lambda: take_numbers(run=run, kind=KIND, issued_on=run.closes_on, actor=actor, now=now)

    # every class twice, as by a double click that slipped through
    errors = in_threads([taking(run) for run in runs for _ in range(2)])
    assert errors == []
    assert sorted(Certificate.objects.values_list("number", flat=True)) == list(range(1, 17))
    assert RegisterCounter.objects.get().last_number == 16
    for run in runs:
        numbers = sorted(Certificate.objects.filter(run=run).values_list("number", flat=True))
        assert numbers == list(range(numbers[0], numbers[0] + 4))


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_numbers_are_taken_twice():
    RegisterCounter.objects.create(kind=KIND, year=2026)
    taken: list[int] = []
    have_read = threading.Barrier(2)

    def careless() -> None:
        counter = RegisterCounter.objects.get(kind=KIND, year=2026)
        have_read.wait(timeout=20)
        with transaction.atomic():
            counter.last_number += 1
            counter.save()
        taken.append(counter.last_number)

    assert in_threads([careless, careless]) == []
    assert taken == [1, 1]


def test_the_kept_file_name_tells_nothing_of_the_holder():
    certificate = make_certificates(make_completed_run(names=["Nguyễn Thị Mai"]))[0]
    assert "mai" not in certificate.file.lower()
    assert services.stored_sha256(certificate.file) == certificate.sha256
