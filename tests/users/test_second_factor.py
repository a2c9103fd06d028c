"""The second step of signing in: who is asked for it, what it accepts, how it is lost and found again."""

import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.organisations.services import grant_role
from lms.users.models import User
from lms.users.second_factor import reset_second_factor
from tests.factories.organisations import PASSWORD, make_person, make_unit

pytestmark = pytest.mark.django_db
LOGIN = "/tai-khoan/login/"
INDEX, STEP, CONFIRM = (
    "/tai-khoan/hai-buoc/",
    "/tai-khoan/hai-buoc/dang-nhap/",
    "/tai-khoan/hai-buoc/xac-nhan/",
)


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def coordinator(unit):
    return make_person("Bùi Đức Bình", unit=unit, roles=[(Role.COORDINATOR, unit)])


def sign_in(client, person):
    return client.post(LOGIN, {"login": person.email, "password": PASSWORD})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def code_of(secret: str, *, periods_ago: int = 0) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 - periods_ago))


def wrong_code(secret: str) -> str:
    right = {code_of(secret, periods_ago=n) for n in range(-2, 3)}
    return next(
        code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right
    )


def add_app(client) -> str:
    """Set up an app as its owner does, and return its secret. The code it took is of the period before."""
    address = reverse("mfa_activate_totp")
    assert client.get(address).headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": address})
    secret = client.get(address).context["form"].secret
    response = client.post(address, {"code": code_of(secret, periods_ago=1)})
    assert response.status_code == 302, response.context["form"].errors
    return secret


def actions(person) -> list[str]:
    return list(
        AuditEvent.objects.filter(object_id=str(person.pk), action__startswith="second_factor")
        .order_by("pk")
        .values_list("action", flat=True)
    )


# --- who is asked -----------------------------------------------------------------------------------------


def test_whoever_holds_a_role_is_led_to_set_one_up_before_anything_else(client, coordinator, required):
    sign_in(client, coordinator)
    assert client.get("/hoc/").headers["Location"] == INDEX
    page = client.get(INDEX)
    assert "Thiết lập bước xác thực thứ hai để tiếp tục" in page.content.decode()
    add_app(client)
    assert client.get("/hoc/").status_code == 200


def test_a_learner_is_not_asked_but_may_have_one(client, unit, required):
    learner = make_person(unit=unit)
    sign_in(client, learner)
    assert client.get("/hoc/").status_code == 200
    add_app(client)
    client.logout()
    assert sign_in(client, learner).headers["Location"] == STEP and not signed_in(client)


def test_nobody_is_asked_where_the_installation_does_not_require_it(client, coordinator):
    sign_in(client, coordinator)
    assert client.get("/hoc/").status_code == 200


def test_what_was_sent_without_a_second_step_is_not_kept(client, coordinator, required):
    sign_in(client, coordinator)
    response = client.post("/tai-khoan/phien/ket-thuc/", follow=True)
    assert response.redirect_chain[-1][0] == INDEX
    assert "Chưa có gì được lưu" in response.content.decode()


def test_a_role_given_while_one_is_signed_in_asks_from_the_next_page_on(client, unit, required):
    person, system = make_person(unit=unit), make_person(unit=unit, roles=[(Role.SYSTEM_ADMINISTRATOR, unit)])
    sign_in(client, person)
    assert client.get("/hoc/").status_code == 200
    now = timezone.now()
    grant_role(
        person=person,
        role=Role.COORDINATOR,
        unit=unit,
        valid_from=timezone.localdate(now),
        actor=system,
        now=now,
    )
    assert client.get("/hoc/").headers["Location"] == INDEX


def test_a_session_from_before_the_factor_must_prove_it(client, django_user_model, coordinator, required):
    """Somebody with the password alone, signed in before the owner set up an app, cannot add a factor of their own."""
    other = client.__class__()
    sign_in(other, coordinator)
    sign_in(client, coordinator)
    secret = add_app(client)
    for name in ("mfa_index", "mfa_add_webauthn", "account_reauthenticate", "mfa_generate_recovery_codes"):
        assert other.get(reverse(name)).headers["Location"].startswith(CONFIRM), name
    assert "Dùng mật khẩu" not in other.get(CONFIRM).content.decode()
    assert (
        other.post(f"{CONFIRM}?next=/hoc/", {"code": wrong_code(secret), "next": "/hoc/"}).status_code == 200
    )
    assert other.post(CONFIRM, {"code": code_of(secret), "next": "/hoc/"}).headers["Location"] == "/hoc/"
    assert other.get("/hoc/").status_code == 200


def test_parts_of_a_page_lead_the_whole_page_to_the_second_step(client, coordinator, required):
    sign_in(client, coordinator)
    response = client.get("/hoc/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == INDEX


# --- codes ------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(client, coordinator):
    sign_in(client, coordinator)
    secret = add_app(client)
    client.logout()
    return secret


def test_a_password_and_a_code_sign_in(client, coordinator, secret, required):
    assert sign_in(client, coordinator).headers["Location"] == STEP
    assert not signed_in(client)
    client.post(STEP, {"code": code_of(secret)})
    assert signed_in(client)
    assert client.get("/hoc/").status_code == 200


def test_a_wrong_code_signs_nobody_in_and_says_so(client, coordinator, secret):
    sign_in(client, coordinator)
    response = client.post(STEP, {"code": wrong_code(secret)})
    assert response.status_code == 200 and not signed_in(client)
    assert "Mã không đúng" in response.content.decode()


def test_a_code_is_taken_from_a_clock_half_a_minute_off_but_not_older(client, coordinator, secret):
    sign_in(client, coordinator)
    client.post(STEP, {"code": code_of(secret, periods_ago=4)})
    assert not signed_in(client)
    client.post(STEP, {"code": code_of(secret, periods_ago=-1)})
    assert signed_in(client)


def test_a_code_signs_in_once_even_after_its_own_half_minute(client, coordinator, secret, monkeypatch):
    now = time.time()
    code = totp.format_hotp_value(totp.hotp_value(secret, int(now) // 30))
    sign_in(client, coordinator)
    client.post(STEP, {"code": code})
    assert signed_in(client)
    client.logout()
    # allauth has forgotten it by now; its tolerance would still take it.
    from django.core.cache import cache

    cache.delete(f"allauth.mfa.totp.used?user={coordinator.pk}&code={code}")
    sign_in(client, coordinator)
    client.post(STEP, {"code": code})
    assert not signed_in(client)


def test_guessing_codes_is_stopped(client, coordinator, secret, settings):
    sign_in(client, coordinator)
    wrong = wrong_code(secret)
    answers = [client.post(STEP, {"code": wrong}) for _ in range(12)]
    assert "quá nhiều" in answers[-1].content.decode()
    client.post(STEP, {"code": code_of(secret)})
    assert not signed_in(client)


def test_a_recovery_code_signs_in_once_and_the_trail_says_so(client, coordinator, secret):
    codes = Authenticator.objects.get(user=coordinator, type="recovery_codes").wrap().get_unused_codes()
    sign_in(client, coordinator)
    client.post(STEP, {"code": codes[0]})
    assert signed_in(client)
    assert actions(coordinator) == ["second_factor.added", "second_factor.code_used"]
    client.logout()
    sign_in(client, coordinator)
    client.post(STEP, {"code": codes[0]})
    assert not signed_in(client)


def test_secrets_are_not_readable_in_the_database(client, coordinator, secret):
    codes = Authenticator.objects.get(user=coordinator, type="recovery_codes").wrap().get_unused_codes()
    kept = " ".join(str(data) for data in Authenticator.objects.values_list("data", flat=True))
    assert secret not in kept and not any(code in kept for code in codes)


def test_a_factor_outlives_a_change_of_the_secret_key(client, coordinator, secret, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "khoa-moi-cua-may-chu-dai-hon-ba-muoi-hai-ky-tu-0123456789"
    sign_in(client, coordinator)
    client.post(STEP, {"code": code_of(secret)})
    assert signed_in(client)


# --- recovery codes, removal ------------------------------------------------------------------------------


def test_recovery_codes_are_shown_kept_and_renewed(client, coordinator):
    sign_in(client, coordinator)
    add_app(client)
    first = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(first) == 10
    file = client.get(reverse("mfa_download_recovery_codes"))
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert all(code in file.content.decode() for code in first)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert not set(first) & set(client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"])
    assert actions(coordinator) == ["second_factor.added", "second_factor.codes_renewed"]


def test_whoever_needs_a_factor_keeps_their_last(client, coordinator, required):
    sign_in(client, coordinator)
    add_app(client)
    page = client.post(reverse("mfa_deactivate_totp"))
    assert page.status_code == 200 and Authenticator.objects.filter(user=coordinator, type="totp").exists()
    assert "hãy thiết lập cách khác trước khi gỡ" in page.content.decode()


def test_whoever_does_not_may_remove_it(client, unit, required):
    learner = make_person(unit=unit)
    sign_in(client, learner)
    add_app(client)
    assert client.post(reverse("mfa_deactivate_totp")).headers["Location"] == INDEX
    assert not Authenticator.objects.filter(user=learner).exists()
    assert actions(learner) == ["second_factor.added", "second_factor.removed"]


def test_the_last_passkey_is_kept_too(client, coordinator, required):
    sign_in(client, coordinator)
    add_app(client)
    key = Authenticator.objects.create(user=coordinator, type="webauthn", data={"name": "Máy cơ quan"})
    Authenticator.objects.filter(user=coordinator, type="totp").delete()
    response = client.post(reverse("mfa_remove_webauthn", args=[key.pk]), follow=True)
    assert "hãy thiết lập cách khác trước khi gỡ" in response.content.decode()
    assert Authenticator.objects.filter(pk=key.pk).exists()


# --- reset ------------------------------------------------------------------------------------------------


@pytest.fixture
def system(unit):
    return make_person("Lê Thị An", unit=unit, roles=[(Role.SYSTEM_ADMINISTRATOR, unit)])


def test_an_administrator_resets_a_lost_factor_with_a_reason(client, coordinator, secret, system):
    there = client.__class__()
    sign_in(there, coordinator)
    there.post(STEP, {"code": code_of(secret)})
    client.force_login(system)
    address = reverse("reset_second_step", args=[coordinator.pk])
    assert address in client.get(reverse("wagtailusers_users:edit", args=[coordinator.pk])).content.decode()
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422 and "Hãy ghi lý do" in refused.content.decode()
    client.post(address, {"reason": "Mất điện thoại; đã gọi lại số cơ quan"})
    assert not Authenticator.objects.filter(user=coordinator).exists()
    assert there.get("/hoc/").status_code == 302
    event = AuditEvent.objects.get(action="second_factor.reset")
    assert event.actor_id == system.pk and "gọi lại" in str(event.data) and secret not in str(event.data)
    sign_in(client.__class__(), coordinator)


def test_nobody_resets_their_own_or_without_the_right(client, coordinator, secret, system):
    Authenticator.objects.create(user=system, type="totp", data={})
    client.force_login(system)
    response = client.post(reverse("reset_second_step", args=[system.pk]), {"reason": "mất máy"})
    assert response.status_code == 422 and Authenticator.objects.filter(user=system).exists()
    school = make_person(roles=[(Role.SCHOOL_ADMINISTRATOR, make_unit())])
    client.force_login(school)
    client.post(reverse("reset_second_step", args=[coordinator.pk]), {"reason": "mất máy"})
    assert Authenticator.objects.filter(user=coordinator).exists()


def test_the_operator_resets_from_the_command_line(client, coordinator, secret):
    out = StringIO()
    call_command("reset_second_factor", coordinator.email, reason="gặp trực tiếp", stdout=out)
    assert coordinator.get_full_name() in out.getvalue()
    assert not Authenticator.objects.filter(user=coordinator).exists()
    assert actions(coordinator)[-1] == "second_factor.reset"
    with pytest.raises(CommandError):
        call_command("reset_second_factor", coordinator.email, reason="lần nữa")
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "khong.co@don-vi.example", reason="x")


def test_a_reset_that_fails_leaves_everything(coordinator, client, secret, monkeypatch):
    from lms.users import second_factor

    def fail(**_kwargs):
        raise RuntimeError("no trail")

    monkeypatch.setattr(second_factor, "record_event", fail)
    with pytest.raises(RuntimeError):
        reset_second_factor(
            person=User.objects.get(pk=coordinator.pk), actor=None, reason="x", now=timezone.now()
        )
    assert Authenticator.objects.filter(user=coordinator, type="totp").exists()
