"""The first mail to a new account: the link by which its owner sets a password."""

from collections.abc import Callable, Iterable
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from lms.core.audit import record_event
from lms.core.models import AuditEvent

from .models import User

ACTION = "person.invited"


def invite_people(
    person_ids: Iterable[int],
    *,
    actor,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Invite those of the people who have neither a password nor an invitation; gives how many.

    Each is a transaction of its own, and the mail goes out inside it: one that cannot be sent is not counted as sent, and
    the next run goes on there.
    """
    ids = list(person_ids)
    sent = 0
    for done, pk in enumerate(ids, start=1):
        sent += invite_person(pk, actor=actor, now=now)
        progress(done, len(ids))
    return sent


@transaction.atomic
def invite_person(person_id: int, *, actor, now: datetime) -> bool:
    """False for who has a password, has been invited, or has left."""
    person = User.objects.select_for_update(no_key=True).get(pk=person_id)
    if not person.is_active or person.has_usable_password():
        return False
    invited = AuditEvent.objects.filter(
        action=ACTION, object_type=User._meta.label_lower, object_id=str(person.pk)
    )
    if invited.exists():
        return False
    record_event(actor=actor, action=ACTION, target=person, now=now)
    _mail(person).send()
    return True


def _mail(person: User) -> EmailMessage:
    """In Vietnamese, with the English below: nobody knows yet which one the person reads."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)},
    )
    context = {
        "person": person,
        "url": settings.WAGTAILADMIN_BASE_URL + path,
        "sign_in_url": settings.WAGTAILADMIN_BASE_URL + reverse(settings.LOGIN_URL),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    texts = []
    for language in ("vi", "en"):
        with translation.override(language):
            texts.append(render_to_string("users/invitation.txt", context).strip())
    with translation.override("vi"):
        subject = translation.gettext("Your account on Bồi dưỡng số")
    return EmailMessage(subject=subject, body="\n\n———\n\n".join(texts) + "\n", to=[person.email])
