"""A staff list in the CMS admin: sent in, mapped, previewed, asked about, loaded, invited."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from lms.core.jobs import run_job
from lms.core.models import AuditEvent, Job
from lms.core.storage import private_storage
from lms.organisations.models import Role
from lms.organisations.staff_import import lists, reading
from lms.organisations.staff_import.lists import (
    FOLDER,
    KEPT_DAYS,
    StaffList,
    ask_for_preview,
    forget_lists,
)
from lms.users.models import User
from tests.factories.organisations import make_person, make_unit

from .test_staff_import import HEADER, ROWS, csv_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    make_unit("Vụ Pháp chế", code="VPC")
    make_unit("Cục Việc làm", code="CVL")
    client.force_login(make_person(unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR]))
    return client


def send(client, path: Path, **values):
    upload = SimpleUploadedFile(path.name, path.read_bytes())
    data = {"list": upload, "on": "2024-01-01", **values}
    return client.post(reverse("staff_lists:index"), data)


def done(job: Job) -> Job:
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED, job.error
    return job


def previewed(client, path: Path, **values) -> Job:
    to_columns = send(client, path, **values)
    page = client.get(to_columns.url)
    chosen = {name: field.initial for name, field in page.context["form"].fields.items()}
    client.post(to_columns.url, chosen)
    return done(Job.objects.filter(kind="staff-preview").latest("pk"))


def page_of(client, job: Job):
    return client.get(reverse("staff_lists:job", args=[job.public_id]))


def loaded(client, preview: Job) -> Job:
    client.post(reverse("staff_lists:load", args=[preview.public_id]))
    return done(Job.objects.get(kind="staff-load"))


def test_headings_are_chosen_already_with_their_first_rows_beside_them(office, tmp_path):
    page = office.get(send(office, csv_file(tmp_path / "cb.csv")).url)
    rows = page.context["rows"]
    assert [row["field"].initial for row in rows] == [
        "code", "name", "birth", "gender", "unit", "position", "rank_code", "email",
    ]  # fmt: skip
    assert rows[1]["samples"][0] == "Nguyễn Thị Hương"


def test_a_preview_writes_nothing_and_the_load_does_what_it_showed(office, tmp_path):
    preview = previewed(office, csv_file(tmp_path / "cb.csv"))
    assert preview.result["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}
    assert not User.objects.filter(staff_code="CB001").exists()
    assert "Nguyễn Thị Hương" in page_of(office, preview).content.decode()
    load = loaded(office, preview)
    assert load.result["counts"] == preview.result["counts"]
    assert User.objects.filter(staff_code="CB001").exists()
    assert page_of(office, load).status_code == 200
    assert load.public_id.hex in str(office.get(reverse("staff_lists:index")).content).replace("-", "")


def test_a_preview_confirmed_twice_is_loaded_once(office, tmp_path):
    preview = previewed(office, csv_file(tmp_path / "cb.csv"))
    for _ in range(2):
        office.post(reverse("staff_lists:load", args=[preview.public_id]))
    assert Job.objects.filter(kind="staff-load").count() == 1


def test_a_load_whose_worker_died_is_finished_and_counted_as_one(office, tmp_path):
    preview = previewed(office, csv_file(tmp_path / "cb.csv"))
    load = loaded(office, preview)
    # The worker died after writing and before saying so: the sweep gives the job to another one.
    Job.objects.filter(pk=load.pk).update(state=Job.State.QUEUED, result={})
    assert done(load).result["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}
    assert AuditEvent.objects.filter(action="staff.imported").count() == 3


def test_headings_of_its_own_are_mapped_on_screen(office, tmp_path):
    header = ["Số thẻ", "Cán bộ", *HEADER[2:4], "Phòng", *HEADER[5:]]
    to_columns = send(office, csv_file(tmp_path / "cb.csv", header=header))
    nothing = office.post(to_columns.url, {})
    assert nothing.status_code == 400
    assert nothing.context["form"].non_field_errors()
    chosen = {"place-0": "code", "place-1": "name", "place-4": "unit", "place-7": "email"}
    assert office.post(to_columns.url, {**chosen, "place-2": "name"}).status_code == 400
    office.post(to_columns.url, chosen)
    preview = done(Job.objects.get(kind="staff-preview"))
    assert preview.result["counts"]["created"] == 3
    assert preview.result["samples"][0]["code"] == "CB001"


def test_a_namesake_is_asked_about_and_the_answer_is_kept(office, tmp_path):
    make_person("Nguyễn Thị Hương", unit=make_unit(), staff_code="CU01", birth_date="1980-02-05")
    preview = previewed(office, csv_file(tmp_path / "cb.csv"))
    question = preview.result["questions"][0]
    assert (question["row"], question["candidates"]) == (2, ["CU01", "+"])
    assert "CU01" in page_of(office, preview).content.decode()
    answer = office.post(reverse("staff_lists:answer", args=[preview.public_id]), {"row-2": "CU01"})
    again = done(Job.objects.filter(kind="staff-preview").latest("pk"))
    assert answer.url == reverse("staff_lists:job", args=[again.public_id])
    assert again.result["counts"] == {"created": 2, "changed": 1, "unchanged": 0, "refused": 0}
    loaded(office, again)
    assert User.objects.get(staff_code="CB001").last_name == "Nguyễn Thị"
    assert not User.objects.filter(staff_code="CU01").exists()


def test_refused_rows_are_shown_and_given_as_a_file(office, tmp_path):
    rows = [*ROWS, ["CB004", "Trần Văn Tư", "", "", "KHONG-CO", "", "", "tu@bo.example"]]
    preview = previewed(office, csv_file(tmp_path / "cb.csv", rows))
    assert "KHONG-CO" in page_of(office, preview).content.decode()
    file = office.get(reverse("staff_lists:errors", args=[preview.public_id]))
    assert b"".join(file.streaming_content).startswith(b"PK")


def test_invitations_go_out_once_to_those_who_are_new(office, tmp_path):
    load = loaded(office, previewed(office, csv_file(tmp_path / "cb.csv")))
    url = reverse("staff_lists:invite", args=[load.public_id])
    office.post(url)
    done(Job.objects.get(kind="staff-invite"))
    assert {message.to[0] for message in mail.outbox} == {row[7] for row in ROWS}
    text = mail.outbox[0].body
    assert "Nguyễn Thị Hương" in text and "/tai-khoan/" in text and "Dear" in text
    office.post(url)
    done(Job.objects.filter(kind="staff-invite").latest("pk"))
    assert len(mail.outbox) == 3


def test_the_link_of_an_invitation_sets_the_password(office, client, tmp_path):
    load = loaded(office, previewed(office, csv_file(tmp_path / "cb.csv")))
    office.post(reverse("staff_lists:invite", args=[load.public_id]))
    done(Job.objects.get(kind="staff-invite"))
    link = next(line for line in mail.outbox[0].body.splitlines() if line.startswith("http"))
    client.logout()
    form = client.get("/" + link.split("/", 3)[3], follow=True)
    response = client.post(
        form.redirect_chain[-1][0], {"password1": "mot-mat-khau-dai-moi", "password2": "mot-mat-khau-dai-moi"}
    )
    assert response.status_code == 302
    assert User.objects.get(email=mail.outbox[0].to[0]).has_usable_password()


def test_a_file_that_cannot_be_read_says_so_beside_its_field_and_is_not_kept(office, tmp_path):
    (tmp_path / "cb.xlsx").write_bytes(b"PK\x03\x04 hong")
    response = send(office, tmp_path / "cb.xlsx")
    assert response.status_code == 400
    assert response.context["form"].errors["list"]
    assert private_storage().listdir(FOLDER)[1] == []


def test_an_address_of_a_list_that_was_tampered_with_is_not_found(office, tmp_path):
    url = send(office, csv_file(tmp_path / "cb.csv")).url
    assert office.get(url.replace("list=", "list=x")).status_code == 404


def test_lists_are_forgotten_after_two_weeks(office, tmp_path):
    send(office, csv_file(tmp_path / "cb.csv"))
    assert forget_lists(now=timezone.now()) == 0
    assert forget_lists(now=timezone.now() + timedelta(days=KEPT_DAYS + 1)) >= 1
    assert private_storage().listdir(FOLDER)[1] == []


def test_the_page_takes_the_same_queries_whatever_was_loaded(office, tmp_path, django_assert_max_num_queries):
    for number in range(3):
        Job.objects.create(
            kind="staff-load",
            title="x",
            payload={"name": f"{number}.csv", "file": "x"},
            wake_after=timezone.now(),
            created_at=timezone.now(),
        )
    with django_assert_max_num_queries(20):
        assert office.get(reverse("staff_lists:index")).status_code == 200


def test_a_list_that_is_too_long_says_so_at_once_and_cannot_be_loaded(office, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 4)
    rows = [*ROWS, ["CB004", "Trần Văn Tư", "", "", "VPC", "", "", "tu@bo.example"]]
    preview = previewed(office, csv_file(tmp_path / "cb.csv", rows))
    page = page_of(office, preview).content.decode()
    assert preview.result["unreadable"] in page
    assert reverse("staff_lists:load", args=[preview.public_id]) not in page


def test_reasons_are_written_in_the_language_of_who_sent_the_list(office, tmp_path):
    rows = [["CB004", "Trần Văn Tư", "", "", "KHONG-CO", "", "", "tu@bo.example"]]
    staff_list = StaffList.receive(
        SimpleUploadedFile("cb.csv", csv_file(tmp_path / "cb.csv", rows).read_bytes()),
        on=timezone.localdate(),
        all_or_nothing=False,
    )
    office_user = User.objects.get(role_grants__role=Role.SYSTEM_ADMINISTRATOR)
    reasons = {}
    for language in ("vi", "en"):
        asked = replace(staff_list, language=language)
        job = done(ask_for_preview(asked, actor=office_user, now=timezone.now()))
        reasons[language] = job.result["faults"][0]["reason"]
    assert reasons == {"vi": "Không đơn vị nào có mã này.", "en": "No unit has this code."}


def test_a_very_long_list_of_faults_is_written_as_csv(office, tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "MOST_IN_A_WORKBOOK", 0)
    rows = [["CB004", "Trần Văn Tư", "", "", "KHONG-CO", "", "", "tu@bo.example"]]
    preview = previewed(office, csv_file(tmp_path / "cb.csv", rows))
    file = office.get(reverse("staff_lists:errors", args=[preview.public_id]))
    assert file["Content-Disposition"].endswith('.csv"')
    assert "KHONG-CO" in b"".join(file.streaming_content).decode("utf-8-sig")
