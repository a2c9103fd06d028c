"""Everything held about a person can be handed out and erased, and neither forgets anything."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from certificates.models import Certificate
from courses.models import Enrolment, ExternalTraining
from lms.core.audit_chain import seal_events, verify_chain
from lms.core.models import AuditEvent
from lms.organisations.models import Posting, Role
from lms.users.holdings import Fate, holdings, relations_to_people
from lms.users.models import SensitiveRecord, User
from lms.users.services import DataErased, update_person
from tests.factories.assessments import make_learner_of, make_quiz, sit
from tests.factories.certificates import make_certificates, make_completed_run
from tests.factories.courses import enter_training
from tests.factories.organisations import LONG_AGO, PASSWORD, make_person, make_unit

pytestmark = pytest.mark.django_db
NAME, EMAIL, CODE = "Phạm Thị Hồng Hạnh", "hanh.pth@bo.example", "CB8841"


@pytest.fixture
def system():
    return make_person("Lê Thị An", unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR])


@pytest.fixture
def person(django_capture_on_commit_callbacks):
    """Somebody with something of everything: a certificate, a quiz, training elsewhere, a role that ended."""
    run = make_completed_run(names=[NAME])
    person = User.objects.get(enrolments__run=run)
    person.email, person.staff_code = EMAIL, CODE
    person.set_password(PASSWORD)
    person.save()
    coordinator = make_person("Bùi Đức Bình", unit=person.postings.get().unit, roles=[Role.COORDINATOR])
    with django_capture_on_commit_callbacks(execute=True):
        make_certificates(run)
        training = enter_training(person, actor=coordinator, title="Lớp kỹ năng số", document_number="88/CN")
    assert training.scan
    quiz = make_quiz()
    sit(quiz, make_learner_of(quiz, learner=person), right=2)
    Enrolment.objects.filter(learner=person, state=Enrolment.State.IN_PROGRESS).update(
        state=Enrolment.State.WITHDRAWN, ended_at=timezone.now()
    )
    person.role_grants.create(
        role=Role.TRAINER,
        unit=coordinator.postings.get().unit,
        valid_from=LONG_AGO,
        valid_to=date(2011, 1, 1),
    )
    Authenticator.objects.create(user=person, type="totp", data={})
    SocialAccount.objects.create(user=person, provider="cong-bo", uid="nguoi-1")
    SensitiveRecord.objects.create(person=person, ethnicity="Tày")
    return person


def sheets(response) -> dict[str, str]:
    """All the text of each sheet of the archive."""
    assert response.status_code == 200 and response.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    book = load_workbook(io.BytesIO(archive.read("du-lieu.xlsx")))
    return {
        sheet.title: " | ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
        for sheet in book
    }


def files(response) -> list[str]:
    return sorted(zipfile.ZipFile(io.BytesIO(response.content)).namelist())


# --- nothing is forgotten ---------------------------------------------------------------------------------


def test_every_relation_to_people_says_what_becomes_of_it():
    declared = {holding.relation for holding in holdings()}
    assert relations_to_people(User) - declared == set()
    assert declared - relations_to_people(User) == set()


def test_what_is_shown_to_people_has_a_name():
    assert [
        holding.relation for holding in holdings() if holding.fate is not Fate.OF_OTHERS and not holding.label
    ] == []


# --- handing out ------------------------------------------------------------------------------------------


def test_one_takes_everything_held_about_oneself(client, person, settings):
    settings.SENSITIVE_FIELDS = ["ethnicity"]
    Authenticator.objects.filter(type="totp").delete()
    client.post("/tai-khoan/login/", {"login": EMAIL, "password": PASSWORD})
    page = client.get(reverse("own_data")).content.decode()
    assert "Tải dữ liệu của tôi" in page and "Khóa bồi dưỡng bên ngoài" in page
    response = client.post(reverse("download_own_data"))
    said = sheets(response)
    course = Enrolment.objects.filter(learner=person).earliest("pk").run.course.title
    unit = person.postings.get().unit.name
    for sheet, text in {
        "Tài khoản": EMAIL,
        "Cách đăng nhập": "cong-bo",
        "Phiên đăng nhập": "127.0.0.1",
        "Vị trí công tác": unit,
        "Vai trò": "giảng viên",
        "Lượt người": course,
        "Bồi dưỡng bên ngoài": "Lớp kỹ năng số",
        "Bài kiểm tra đã làm": "2",
        "Chứng chỉ": Certificate.objects.get().number_text,
        "Nhật ký thay đổi": "Bắt đầu bài kiểm tra",
        "Thông tin nhạy cảm": "Tày",
    }.items():
        assert text in said[sheet], sheet
    assert len(files(response)) == 3 and [name.partition("/")[0] for name in files(response)] == [
        "chung-chi",
        "du-lieu.xlsx",
        "minh-chung",
    ]
    event = AuditEvent.objects.get(action="person.exported")
    assert event.actor_id == person.pk and event.object_id == str(person.pk)


def test_an_administrator_hands_it_out_without_the_sensitive_particulars(client, person, system, settings):
    settings.SENSITIVE_FIELDS = ["ethnicity"]
    client.force_login(system)
    address = reverse("download_personal_data", args=[person.pk])
    assert address in client.get(reverse("wagtailusers_users:edit", args=[person.pk])).content.decode()
    assert "chính người này" in client.get(address).content.decode()
    said = sheets(client.post(address))
    assert EMAIL in said["Tài khoản"] and "Thông tin nhạy cảm" not in said
    assert AuditEvent.objects.get(action="person.exported").actor_id == system.pk


def test_records_of_others_are_not_in_it(client, person):
    other = make_person("Ngô Văn Khác", unit=person.postings.get().unit)
    client.force_login(person)
    assert "Ngô Văn Khác" not in str(sheets(client.post(reverse("download_own_data")))) and other.pk


# --- erasing ----------------------------------------------------------------------------------------------


def end_service(person) -> None:
    Posting.objects.filter(person=person).update(valid_to=timezone.localdate())


def erase(client: Client, person, *, reason: str = "Đơn số 12, đã nghỉ việc", email: str = EMAIL):
    return client.post(reverse("erase_person", args=[person.pk]), {"reason": reason, "email": email})


def test_what_has_not_ended_is_named_and_nothing_is_erased(client, person, system):
    client.force_login(system)
    page = client.get(reverse("erase_person", args=[person.pk])).content.decode()
    assert "kết thúc vị trí công tác" in page and "Xóa vĩnh viễn" not in page
    assert erase(client, person).status_code == 422
    assert User.objects.get(pk=person.pk).email == EMAIL


@pytest.mark.parametrize("wrong", [{"reason": "  "}, {"email": "khac@bo.example"}])
def test_it_asks_for_a_reason_and_the_e_mail(client, person, system, wrong):
    end_service(person)
    client.force_login(system)
    assert erase(client, person, **wrong).status_code == 422
    assert User.objects.get(pk=person.pk).email == EMAIL


def test_an_erasure_leaves_the_name_nowhere_but_on_certificates(
    client, person, system, django_capture_on_commit_callbacks
):
    end_service(person)
    there = Client()
    there.force_login(person)
    ModelLogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk), label=NAME,
        action="wagtail.edit", timestamp=timezone.now(), uuid=None,
    )  # fmt: skip
    scan = ExternalTraining.objects.get(person=person).scan.name
    enrolments = Enrolment.objects.filter(learner=person).count()
    assert AuditEvent.objects.filter(object_label__contains=NAME).exists()
    client.force_login(system)
    assert "giữ lại, không còn tên" in client.get(reverse("erase_person", args=[person.pk])).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(client, person).status_code == 302
    gone = User.objects.get(pk=person.pk)
    assert (gone.is_active, gone.staff_code, gone.birth_date, gone.gender) == (False, "", None, "")
    assert gone.get_full_name() == f"Người đã xóa dữ liệu {gone.pk}" and not gone.has_usable_password()
    assert there.get("/hoc/").status_code == 302
    assert not Authenticator.objects.filter(user=gone).exists() and not SensitiveRecord.objects.exists()
    training = ExternalTraining.objects.get(person=gone)
    assert not training.scan and not storages["private"].exists(scan)
    # What is counted stays.
    assert Enrolment.objects.filter(learner=gone).count() == enrolments and training.title == "Lớp kỹ năng số"
    for search in (NAME, "pham thi hong hanh", EMAIL, CODE):
        assert not User.objects.search(search).exists(), search
    found = AuditEvent.objects.filter(object_label__contains="Hồng Hạnh") | AuditEvent.objects.filter(
        data__icontains="hanh"
    )
    assert not found.exists()
    assert not ModelLogEntry.objects.filter(label__contains="Hạnh").exists()


def test_the_certificate_stays_verifiable_and_the_chain_whole(client, person, system):
    certificate = Certificate.objects.get()
    seal_events(now=timezone.now() + timedelta(minutes=5))
    end_service(person)
    client.force_login(system)
    erase(client, person)
    page = Client().get(reverse("certificates:verify", args=[certificate.token])).content.decode()
    assert NAME.upper() in page.upper() and certificate.number_text in page
    now = timezone.now() + timedelta(minutes=10)
    seal_events(now=now)
    report = verify_chain(now=now)
    assert report.fault == "" or report.fault is None
    call_command("verify_audit", "--no-seal", verbosity=0)
    event = AuditEvent.objects.get(action="person.erased")
    assert event.actor_id == system.pk and "Đơn số 12" in event.data["reason"]


def test_nobody_erases_themselves_or_without_the_right(client, person, system):
    client.force_login(system)
    response = client.post(reverse("erase_person", args=[system.pk]), {"reason": "x", "email": system.email})
    assert response.status_code == 422 and User.objects.get(pk=system.pk).is_active
    end_service(person)
    client.force_login(make_person(roles=[(Role.SCHOOL_ADMINISTRATOR, make_unit())]))
    erase(client, person)
    assert User.objects.get(pk=person.pk).email == EMAIL


def test_an_erased_account_is_never_used_again(client, person, system):
    end_service(person)
    client.force_login(system)
    erase(client, person)
    gone = User.objects.get(pk=person.pk)
    with pytest.raises(DataErased):
        update_person(person=gone, actor=system, now=timezone.now(), is_active=True)
    assert erase(client, person, email=gone.email).status_code == 422
    Client().post("/tai-khoan/login/", {"login": EMAIL, "password": PASSWORD})
    assert AuditEvent.objects.filter(action="person.erased").count() == 1
