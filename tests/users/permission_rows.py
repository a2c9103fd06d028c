"""Who gets what at the addresses of signing in and passwords."""

from allauth.usersessions.models import UserSession

from tests.permissions.table import DONE, Row, everyone, people


def a_session_of_the_learner(world) -> dict:
    session = UserSession.objects.create(
        user=world.learner, ip="192.0.2.1", session_key="khac", user_agent=""
    )
    return {"pk": session.pk}


ROWS = [
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
