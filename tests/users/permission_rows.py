"""Who gets what at the addresses of signing in and passwords."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession

from tests.permissions.table import DONE, Row, everyone, people


def a_session_of_the_learner(world) -> dict:
    session = UserSession.objects.create(
        user=world.learner, ip="192.0.2.1", session_key="khac", user_agent=""
    )
    return {"pk": session.pk}


def a_passkey_of_the_learner(world) -> dict:
    key = Authenticator.objects.create(
        user=world.learner, type=Authenticator.Type.WEBAUTHN, data={"name": "Điện thoại", "credential": {}}
    )
    return {"pk": key.pk}


def a_link_of_the_learner(world) -> dict:
    return {"pk": SocialAccount.objects.create(user=world.learner, provider="cong-bo", uid="nguoi-1").pk}


# This installation has no provider of single sign-on; tests/users/test_single_sign_on.py has two.
everyone_signed_in_finds_nothing = people(404)

# Whoever changes how an account is protected says the password again first.
PASSWORD_AGAIN = DONE

ROWS = [
    Row("mfa_index", people(200)),
    Row("mfa_authenticate", people(DONE), note="nobody in the middle of signing in"),
    Row("mfa_reauthenticate", people(DONE), note="nobody here has a factor: by password instead"),
    Row("mfa_activate_totp", people(PASSWORD_AGAIN)),
    Row("mfa_deactivate_totp", people(404)),
    Row("mfa_view_recovery_codes", people(404)),
    Row("mfa_generate_recovery_codes", people(PASSWORD_AGAIN)),
    Row("mfa_download_recovery_codes", people(404)),
    Row("mfa_list_webauthn", everyone(DONE)),
    Row("mfa_add_webauthn", people(PASSWORD_AGAIN)),
    Row("mfa_login_webauthn", people(DONE)),
    Row("mfa_reauthenticate_webauthn", people(DONE), note="nobody here has a passkey: by password instead"),
    Row("mfa_edit_webauthn", people(PASSWORD_AGAIN), kwargs=a_passkey_of_the_learner),
    Row("mfa_remove_webauthn", people(PASSWORD_AGAIN), kwargs=a_passkey_of_the_learner),
    Row("single_sign_on", everyone_signed_in_finds_nothing),
    Row("link_single_sign_on", everyone_signed_in_finds_nothing, kwargs={"provider_id": "cong-bo"}),
    Row("unlink_single_sign_on", people(404, learner=DONE), kwargs=a_link_of_the_learner, method="post"),
    Row("openid_connect_login", everyone(404), kwargs={"provider_id": "cong-bo"}),
    Row("openid_connect_callback", everyone(404), kwargs={"provider_id": "cong-bo"}),
    Row("own_data", people(200)),
    Row("download_own_data", people(200), method="post"),
    Row("account_sessions", people(200)),
    Row("account_end_other_sessions", people(DONE), method="post"),
    Row("account_end_session", people(404, learner=DONE), kwargs=a_session_of_the_learner, method="post"),
    Row("account_login", people(DONE, anonymous=200), query="?next=/"),
    Row("account_logout", people(200, anonymous=DONE)),
    Row("account_inactive", everyone(200)),
    Row("account_signup", people(DONE, anonymous=200), query="?next=/"),
    Row("account_reauthenticate", people(200)),
    Row("account_change_password", people(200)),
    Row("account_set_password", people(DONE)),
    Row("account_reset_password", everyone(200)),
    Row("account_reset_password_done", everyone(200)),
    Row("account_reset_password_from_key", everyone(200), kwargs={"uidb36": "1", "key": "khong-co"}),
    Row("account_reset_password_from_key_done", everyone(200)),
]
