"""Signing in through a provider of single sign-on: who is found, who is not, and that nobody is made."""

import json
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.settings.single_sign_on import read_providers
from lms.users.models import User
from lms.users.pseudonyms import pseudonym
from lms.users.single_sign_on import SingleSignOnAdapter, full_name, names_agree
from tests.factories.organisations import PASSWORD, make_person, make_unit

pytestmark = pytest.mark.django_db
ISSUER = "https://sso.bo.example"
LOGIN, LINKS = "/tai-khoan/login/", "/tai-khoan/lien-ket/"
CONFIGURATION = """
- id: cong-bo
  name: Cổng thông tin của Bộ
  server: https://sso.bo.example
  client_id: boiduongso
  client_secret_env: CONG_BO
  claims: {staff_code: ma_can_bo}
- id: vneid
  name: VNeID
  server: https://sso.bo.example
  client_id: boiduongso
  subject: personal_identifier
  keep_subject_secret: true
  scope: [openid, profile]
  match: []
"""


class Provider:
    """What the provider answers over the wire: discovery, token, user information."""

    def __init__(self) -> None:
        self.claims: dict = {}
        self.token_claims: dict = {}
        self.breaks = False

    def __enter__(self):
        return self

    def __exit__(self, *fault) -> None:
        pass

    def _answer(self, data: dict) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        response.headers["content-type"] = "application/json"
        response._content = json.dumps(data).encode()
        return response

    def get(self, url: str, **_kwargs) -> requests.Response:
        if self.breaks:
            raise requests.ConnectionError("no route")
        if url.endswith("openid-configuration"):
            ends = ("authorization", "token", "userinfo")
            return self._answer(
                {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
                | {f"{end}_endpoint": f"{ISSUER}/{end}" for end in ends}
            )
        return self._answer(self.claims)

    def request(self, method: str, url: str, **_kwargs) -> requests.Response:
        token = {"iss": ISSUER, "aud": "boiduongso", "iat": 1, "exp": 4_000_000_000} | self.token_claims
        return self._answer({"access_token": "a", "id_token": jwt.encode(token, "k" * 32, algorithm="HS256")})


@pytest.fixture
def provider(settings, tmp_path, monkeypatch) -> Provider:
    path = tmp_path / "single-sign-on.yaml"
    path.write_text(CONFIGURATION)
    settings.SOCIALACCOUNT_PROVIDERS = read_providers(str(path), {"CONG_BO": "bi-mat"})
    wire = Provider()
    monkeypatch.setattr(SingleSignOnAdapter, "get_requests_session", lambda self: wire)
    return wire


def come_back(
    client, provider: Provider, claims: dict, *, by: str = "cong-bo", start: str = "", next_url: str = ""
):
    """From our button to the provider and back with what it says."""
    subject = {"sub": claims.get("sub", "nguoi-1")}
    provider.claims, provider.token_claims = subject | claims, subject
    address = start or reverse("openid_connect_login", args=[by])
    there = client.get(address, {"next": next_url} if next_url else {})
    asked = parse_qs(urlsplit(there.url).query)
    assert there.url.startswith(f"{ISSUER}/authorization") and asked["code_challenge_method"] == ["S256"]
    return client.get(
        reverse("openid_connect_callback", args=[by]), {"code": "c", "state": asked["state"][0]}, follow=True
    )


def signed_in_as(client) -> str:
    return client.session.get("_auth_user_id", "")


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def learner(unit):
    return make_person("Nguyễn Văn A", unit=unit, email="a.nv@bo.example", staff_code="VPC007")


BY_CODE = {"ma_can_bo": "vpc007", "family_name": "Nguyễn", "given_name": "Văn A", "name": "A Nguyễn Văn"}
BY_EMAIL = {"email": "A.NV@bo.example", "email_verified": True, "name": "Nguyễn Văn A"}


@pytest.mark.parametrize("claims", [BY_CODE, BY_EMAIL, BY_CODE | BY_EMAIL], ids=["code", "e-mail", "both"])
def test_a_person_of_ours_is_found_and_linked_once(client, provider, learner, claims):
    come_back(client, provider, claims)
    assert signed_in_as(client) == str(learner.pk)
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.uid, account.extra_data) == (
        learner,
        "cong-bo",
        "nguoi-1",
        {},
    )
    client.logout()
    # From now on the link counts, whatever else the provider says.
    come_back(client, provider, {"name": "Nguyễn Văn A"})
    assert signed_in_as(client) == str(learner.pk)
    assert AuditEvent.objects.filter(action="single_sign_on.linked").count() == 1


def test_one_comes_back_to_the_page_one_asked_for(client, provider, learner):
    response = come_back(client, provider, BY_CODE, next_url="/hoc/ho-so/")
    assert response.redirect_chain[-1][0] == "/hoc/ho-so/"


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_nobody_is_made_for_a_stranger(client, provider, learner):
    before = User.objects.count()
    response = come_back(
        client, provider, {"name": "Lê Văn Lạ", "email": "la.lv@bo.example", "email_verified": True}
    )
    assert response.redirect_chain[-1][0] == LOGIN
    assert "Lê Văn Lạ" in said(response) and "Chưa có tài khoản nào" in said(response)
    assert User.objects.count() == before and not SocialAccount.objects.exists() and not signed_in_as(client)


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_e_mail_nobody_verified_names_nobody(client, provider, learner, verified):
    come_back(client, provider, BY_EMAIL | {"email_verified": verified})
    assert not signed_in_as(client)


def test_a_code_with_another_name_opens_nothing(client, provider, learner):
    response = come_back(client, provider, BY_CODE | {"given_name": "Văn Bình"})
    assert "khác với tên" in said(response) and not signed_in_as(client)


def test_code_and_e_mail_of_two_people_open_neither(client, provider, learner, unit):
    make_person("Nguyễn Văn A", unit=unit, email="a2.nv@bo.example")
    response = come_back(client, provider, BY_CODE | BY_EMAIL | {"email": "a2.nv@bo.example"})
    assert "hai người khác nhau" in said(response) and not signed_in_as(client)


def test_a_closed_account_stays_closed(client, provider, learner):
    User.objects.filter(pk=learner.pk).update(is_active=False)
    come_back(client, provider, BY_CODE)
    assert not signed_in_as(client)


def test_the_second_step_is_asked_for_all_the_same(client, provider, unit, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    make_person("Nguyễn Văn A", unit=unit, staff_code="VPC007", roles=[(Role.COORDINATOR, unit)])
    assert come_back(client, provider, BY_CODE).redirect_chain[-1][0] == reverse("mfa_index")
    Authenticator.objects.create(
        user=User.objects.get(staff_code="VPC007"), type="totp", data={"secret": "x"}
    )
    client.logout()
    assert come_back(client, provider, BY_CODE).redirect_chain[-1][0] == reverse("mfa_authenticate")
    assert not signed_in_as(client)


def test_token_and_user_information_of_two_people_are_refused(client, provider, learner):
    provider_claims = BY_CODE | {"sub": "nguoi-1"}
    login = client.get(reverse("openid_connect_login", args=["cong-bo"]))
    provider.claims, provider.token_claims = provider_claims, {"sub": "nguoi-2"}
    state = parse_qs(urlsplit(login.url).query)["state"][0]
    response = client.get(
        reverse("openid_connect_callback", args=["cong-bo"]), {"code": "c", "state": state}, follow=True
    )
    assert "chưa xác nhận được" in said(response) and not signed_in_as(client)


def test_a_provider_that_does_not_answer_is_said(client, provider):
    provider.breaks = True
    response = client.get(reverse("openid_connect_login", args=["cong-bo"]), follow=True)
    assert response.redirect_chain[-1][0] == LOGIN and "chưa xác nhận được" in said(response)


def test_an_answer_nobody_asked_for_is_refused(client, provider, learner):
    provider.claims = provider.token_claims = BY_CODE | {"sub": "nguoi-1"}
    address = reverse("openid_connect_callback", args=["cong-bo"])
    response = client.get(address, {"code": "c", "state": "khong-phai-cua-toi"}, follow=True)
    assert "chưa xác nhận được" in said(response) and not signed_in_as(client)


def test_who_cancels_there_is_told_so_here(client, provider):
    login = client.get(reverse("openid_connect_login", args=["cong-bo"]))
    state = parse_qs(urlsplit(login.url).query)["state"][0]
    address = reverse("openid_connect_callback", args=["cong-bo"])
    assert "chưa đăng nhập" in said(
        client.get(address, {"error": "access_denied", "state": state}, follow=True)
    )


def test_without_a_provider_there_is_nothing_of_it(client, learner):
    assert "cong-bo" not in client.get(LOGIN).content.decode()
    assert client.get("/tai-khoan/cong/cong-bo/").status_code == 404
    client.force_login(learner)
    assert client.get(LINKS).status_code == 404


# --- keyed by the personal identifier ---------------------------------------------------------------------

CITIZEN = {"personal_identifier": "001085012345", "name": "Nguyễn Văn A"}


def link_vneid(client, provider, person, claims=CITIZEN):
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    start = reverse("link_single_sign_on", args=["vneid"])
    assert client.get(start).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": start})
    return come_back(client, provider, claims, by="vneid", start=client.get(start).context["address"])


def test_a_personal_identifier_signs_in_whom_its_owner_linked_it_to(client, provider, learner):
    response = come_back(
        client, provider, CITIZEN | {"email": learner.email, "email_verified": True}, by="vneid"
    )
    assert "Chưa có tài khoản nào" in said(response) and not signed_in_as(client)
    assert "VNeID" in said(link_vneid(client, provider, learner))
    client.logout()
    come_back(client, provider, CITIZEN, by="vneid")
    assert signed_in_as(client) == str(learner.pk)


def test_the_identifier_itself_is_kept_nowhere(client, provider, learner):
    link_vneid(client, provider, learner)
    account = SocialAccount.objects.get()
    assert account.uid == pseudonym("001085012345") and "001085012345" not in str(account.__dict__)
    assert "001085012345" not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_a_link_outlives_a_change_of_the_secret_key(client, provider, learner, settings):
    link_vneid(client, provider, learner)
    client.logout()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "khoa-moi-cua-may-chu-dai-hon-ba-muoi-hai-ky-tu-0123456789"
    come_back(client, provider, CITIZEN, by="vneid")
    assert signed_in_as(client) == str(learner.pk)
    assert SocialAccount.objects.get().uid == pseudonym("001085012345")


def test_nobody_links_another_persons_identity(client, provider, learner, unit):
    response = link_vneid(client, provider, learner, CITIZEN | {"name": "Trần Thị Bình"})
    assert "khác với tên" in said(response) and not SocialAccount.objects.exists()
    client.logout()
    link_vneid(client, provider, learner)
    client.logout()
    namesake = make_person("Nguyễn Văn A", unit=unit)
    assert "tài khoản khác" in said(link_vneid(client, provider, namesake))
    assert SocialAccount.objects.get().user == learner


def test_a_link_needs_the_password_just_now(client, provider, learner):
    client.force_login(learner)
    address = f"{reverse('openid_connect_login', args=['vneid'])}?process=connect"
    come_back(client, provider, CITIZEN, by="vneid", start=address)
    assert not SocialAccount.objects.exists()


def test_a_link_is_undone_by_its_owner_alone(client, provider, learner, unit):
    link_vneid(client, provider, learner)
    account = SocialAccount.objects.get()
    page = client.get(LINKS).content.decode()
    assert "VNeID" in page and "Cổng thông tin của Bộ" in page
    other = client.__class__()
    other.force_login(make_person(unit=unit))
    assert other.post(reverse("unlink_single_sign_on", args=[account.pk])).status_code == 404
    client.post(reverse("unlink_single_sign_on", args=[account.pk]))
    assert not SocialAccount.objects.exists()
    assert AuditEvent.objects.filter(action="single_sign_on.unlinked", actor=learner).count() == 1


def test_the_last_way_in_is_not_undone(client, provider, learner):
    come_back(client, provider, BY_CODE)
    person = User.objects.get(pk=learner.pk)
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    client.post(reverse("unlink_single_sign_on", args=[SocialAccount.objects.get().pk]))
    assert SocialAccount.objects.exists()


# --- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"family_name": "Nguyễn", "given_name": "Văn A", "name": "Văn A Nguyễn"}, "Nguyễn Văn A"),
        ({"family_name": "Nguyễn", "middle_name": "Văn", "given_name": "A"}, "Nguyễn Văn A"),
        ({"family_name": "Nguyễn", "middle_name": "Văn", "given_name": "Văn A"}, "Nguyễn Văn A"),
        ({"name": "Nguyễn Văn A"}, "Nguyễn Văn A"),
        ({"name": "Nguyễn Văn A", "given_name": "A"}, "Nguyễn Văn A"),
        ({"name": 7}, ""),
        ({}, ""),
    ],
)
def test_names_keep_the_vietnamese_order(claims, name):
    assert full_name(claims) == name


def test_names_agree_without_marks_and_in_any_order():
    assert names_agree("Nguyễn Văn A", "NGUYEN VAN A") and names_agree("A Nguyễn Văn", "Nguyễn Văn A")
    assert names_agree("", "Nguyễn Văn A") and not names_agree("Nguyễn Văn An", "Nguyễn Văn A")


# --- configuration ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- {id: a, name: A, server: s}", "provider 1: ['client_id'] missing"),
        ("- {id: a, name: A, server: s, client_id: c, secret: x}", "provider 1: ['secret'] unknown"),
        ("- {id: A b, name: A, server: s, client_id: c}", "id may hold small letters"),
        ("- {id: a, name: A, server: s, client_id: c, match: [phone]}", "match may hold"),
        ("- {id: a, name: A, server: s, client_id: c, claims: {phone: p}}", "claims may name"),
        ("- {id: a, name: A, server: s, client_id: c, client_secret_env: NOT_THERE}", "no NOT_THERE"),
        (
            "- {id: a, name: A, server: s, client_id: c}\n- {id: a, name: B, server: s, client_id: c}",
            "more than once",
        ),
        ("id: a", "must hold a list"),
        ("- a", "must be keys and values"),
        ("- {a", "is not YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named_by_its_place(tmp_path, text, place):
    path = tmp_path / "sso.yaml"
    path.write_text(text)
    with pytest.raises(ImproperlyConfigured) as fault:
        read_providers(str(path), {})
    assert place in str(fault.value) and str(path) in str(fault.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        read_providers(str(tmp_path / "khong-co.yaml"))
