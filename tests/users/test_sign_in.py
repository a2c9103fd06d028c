"""Signing in: by e-mail or staff code, and nothing told about who has an account."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from lms.users.models import User
from lms.users.services import update_person
from tests.factories.organisations import PASSWORD, make_person, make_unit

pytestmark = pytest.mark.django_db
LOGIN = "/tai-khoan/login/"


@pytest.fixture
def person():
    return make_person("Đỗ Thị Lan", unit=make_unit(), email="lan.dt@don-vi.example", staff_code="VPC001")


def sign_in(client, login: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": login, "password": password, "next": "/"})


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def errors(response) -> str:
    assert response.status_code == 200
    return str(response.context["form"].errors)


@pytest.mark.parametrize("login", ["lan.dt@don-vi.example", "LAN.DT@don-vi.example", "VPC001", " vpc001 "])
def test_a_person_signs_in_by_e_mail_or_staff_code(client, person, login):
    sign_in(client, login)
    assert is_signed_in(client)


def test_an_unknown_name_and_a_wrong_password_read_the_same(client, person):
    answers = {
        errors(sign_in(client, login, "sai-mat-khau"))
        for login in ("lan.dt@don-vi.example", "VPC001", "khong.co@don-vi.example", "KHONGCO9")
    }
    assert len(answers) == 1 and not is_signed_in(client)


def test_a_password_is_hashed_as_often_for_nobody_as_for_somebody(client, person, monkeypatch):
    from django.contrib.auth import hashers

    hasher = hashers.get_hasher()
    hashed = []
    encode = type(hasher).encode
    monkeypatch.setattr(
        type(hasher), "encode", lambda *args, **kwargs: hashed.append(1) or encode(*args, **kwargs)
    )
    counts = []
    for login in ("lan.dt@don-vi.example", "VPC001", "khong.co@don-vi.example", "KHONGCO9"):
        hashed.clear()
        sign_in(client, login, "sai-mat-khau")
        counts.append(len(hashed))
    assert len(set(counts)) == 1


def test_e_mail_and_staff_code_share_one_count_of_failures(client, person):
    for login in ("VPC001", "lan.dt@don-vi.example", "VPC001", "lan.dt@don-vi.example", "VPC001"):
        sign_in(client, login, "sai-mat-khau")
    sign_in(client, "lan.dt@don-vi.example")
    assert not is_signed_in(client)


def test_an_empty_staff_code_names_nobody(client):
    make_person(unit=make_unit(), staff_code="")
    assert sign_in(client, " ").status_code == 200
    assert not is_signed_in(client)


def test_an_account_made_inactive_is_signed_out_at_once(client, person):
    sign_in(client, "VPC001")
    person.is_active = False
    person.save()
    assert client.get(reverse("courses:my_unit")).url.startswith(LOGIN)
    client.logout()
    sign_in(client, "VPC001")
    assert not is_signed_in(client)


def test_signing_out_takes_a_post(client, person):
    sign_in(client, "VPC001")
    client.get("/tai-khoan/logout/")
    assert is_signed_in(client)
    client.post("/tai-khoan/logout/", {"next": "/"})
    assert not is_signed_in(client)


def test_a_forgotten_password_is_set_anew_by_mail(client, person):
    client.post("/tai-khoan/password/reset/", {"email": "lan.dt@don-vi.example"})
    (letter,) = mail.outbox
    address = re.search(r"http://testserver(\S+)", letter.body)[1]
    form = client.get(address, follow=True)
    client.post(
        form.redirect_chain[-1][0], {"password1": "mot-mat-khau-khac-9", "password2": "mot-mat-khau-khac-9"}
    )
    client.logout()
    sign_in(client, "VPC001", "mot-mat-khau-khac-9")
    assert is_signed_in(client)


def test_asking_for_the_password_of_nobody_looks_the_same_and_sends_nothing(client, person):
    known = client.post("/tai-khoan/password/reset/", {"email": "lan.dt@don-vi.example"})
    mail.outbox.clear()
    unknown = client.post("/tai-khoan/password/reset/", {"email": "khong.co@don-vi.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert mail.outbox == []


def test_visitors_cannot_open_accounts(client):
    data = {"email": "moi@don-vi.example", "password1": "mot-mat-khau-dai-9"}
    client.post("/tai-khoan/signup/", data)
    assert not User.objects.exists()


def test_the_cms_admin_has_no_way_in_of_its_own(client):
    response = client.get("/quan-tri/login/?next=/quan-tri/pages/")
    assert response.url == LOGIN + "?next=/quan-tri/pages/"
    assert client.get("/quan-tri/password_reset/").status_code == 404


def test_an_e_mail_the_school_has_changed_opens_nothing_any_more(client, person):
    sign_in(client, "lan.dt@don-vi.example")
    client.logout()
    clerk = User.objects.create_superuser("quan.tri@don-vi.example", first_name="Trị", last_name="Quản")
    update_person(person=person, email="lan.moi@don-vi.example", actor=clerk, now=timezone.now())
    assert sign_in(client, "lan.dt@don-vi.example").status_code == 200
    client.post("/tai-khoan/password/reset/", {"email": "lan.dt@don-vi.example"})
    assert mail.outbox == []
    sign_in(client, "lan.moi@don-vi.example")
    assert is_signed_in(client)
