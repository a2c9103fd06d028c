"""Everything held about one person, as a workbook with the files that belong to it; and what this room holds."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.audit import record_event
from lms.core.audit_words import words_of
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.core.spreadsheets import Sheet, write_workbook

from .holdings import (
    Fate,
    Holding,
    Merge,
    Merged,
    files_of,
    move_all,
    register_holdings,
    register_sheets,
    sheets_of,
)
from .models import SensitiveRecord, User
from .permissions import may_change_people
from .sensitive import kept_fields

WORKBOOK = "du-lieu.xlsx"


@transaction.atomic
def export_person(*, person: User, actor, now: datetime) -> bytes:
    """A ZIP archive: one workbook (``du-lieu.xlsx``), a sheet for each kind of record, and the files beside it.

    People take their own; whoever may change people takes anybody's, without the sensitive particulars. Recorded either
    way. Raises NotAllowed.
    """
    is_own = actor.pk == person.pk
    if not is_own and not may_change_people(actor):
        raise NotAllowed
    sheets = sheets_of(person)
    if is_own:
        sheets += _sensitive_sheets(person)
    files = files_of(person)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(WORKBOOK, write_workbook(sheets))
        for file in files:
            with file.storage.open(file.name) as source:
                archive.writestr(file.path, source.read())
    record_event(
        actor=actor,
        action="person.exported",
        target=person,
        now=now,
        in_no_role=is_own,
        sheets=len(sheets),
        files=len(files),
    )
    return target.getvalue()


def _account_sheets(person: User) -> Iterable[Sheet]:
    fields = [
        "last_name",
        "first_name",
        "email",
        "staff_code",
        "gender",
        "birth_date",
        "is_active",
        "date_joined",
        "last_login",
    ]
    yield Sheet(
        name=_("Account"),
        headings=[_("Field"), _("Value")],
        rows=[[str(User._meta.get_field(name).verbose_name), getattr(person, name)] for name in fields],
        widths=[30, 50],
    )
    ways = [
        [Authenticator.Type(factor.type).label, factor.created_at, factor.last_used_at]
        for factor in Authenticator.objects.filter(user=person).order_by("pk")
    ] + [
        [account.provider, account.date_joined, account.last_login]
        for account in SocialAccount.objects.filter(user=person).order_by("pk")
    ]
    yield Sheet(
        name=_("Ways to sign in"),
        headings=[_("Way"), _("Since"), _("Last used")],
        rows=ways,
        widths=[40, 18, 18],
    )
    yield Sheet(
        name=_("Where signed in"),
        headings=[_("Network address"), _("Device"), _("Signed in"), _("Last used")],
        rows=[
            [session.ip, session.user_agent, session.created_at, session.last_seen_at]
            for session in UserSession.objects.filter(user=person).order_by("pk")
        ],
        widths=[18, 60, 18, 18],
    )


def _trail_sheets(person: User) -> Iterable[Sheet]:
    """What was done to the account, and what the person did; of records of others only that it was done."""
    about = Q(object_type=User._meta.label_lower, object_id=str(person.pk))
    events = AuditEvent.objects.filter(about | Q(actor=person)).order_by("pk").iterator(chunk_size=2000)
    yield Sheet(
        name=_("Audit trail"),
        headings=[_("Time"), _("What was done"), _("By the person"), _("Network address")],
        rows=[
            [
                event.at,
                str(words_of(event.action)),
                _("yes") if event.actor_id == person.pk else _("no"),
                event.address,
            ]
            for event in events
        ],
        widths=[18, 50, 14, 18],
    )


def _sensitive_sheets(person: User) -> list[Sheet]:
    names = kept_fields()
    record = SensitiveRecord.objects.filter(person=person).first()
    if not names or record is None:
        return []
    rows = [
        [str(SensitiveRecord._meta.get_field(name).verbose_name), getattr(record, name)] for name in names
    ]
    return [
        Sheet(name=_("Sensitive particulars"), headings=[_("Field"), _("Value")], rows=rows, widths=[30, 50])
    ]


def _merge_sensitive(accounts: Merge) -> Merged:
    closed = SensitiveRecord.objects.filter(person=accounts.closed)
    if SensitiveRecord.objects.filter(person=accounts.kept).exists():
        return Merged(0)
    return Merged(closed.update(person=accounts.kept))


def register() -> None:
    register_sheets(_account_sheets, order=0)
    register_sheets(_trail_sheets, order=90)
    removed, of_others = Fate.REMOVED, Fate.OF_OTHERS
    register_holdings(
        Holding(
            "users.SensitiveRecord.person",
            removed,
            gettext_lazy("Sensitive particulars"),
            merge=_merge_sensitive,
        ),
        Holding("account.EmailAddress.user", removed, gettext_lazy("E-mail addresses to sign in with")),
        Holding("mfa.Authenticator.user", removed, gettext_lazy("Second steps of signing in")),
        Holding(
            "socialaccount.SocialAccount.user",
            removed,
            gettext_lazy("Links of single sign-on"),
            merge=move_all("socialaccount.SocialAccount.user"),
        ),
        Holding("usersessions.UserSession.user", removed, gettext_lazy("Where the person is signed in")),
        Holding("wagtailusers.UserProfile.user", removed, gettext_lazy("Settings and picture in the CMS")),
        Holding("wagtailadmin.EditingSession.user", removed, gettext_lazy("Pages open in the CMS")),
        Holding("wagtailadmin.FormState.user", removed, gettext_lazy("Forms half filled in in the CMS")),
        Holding("wagtailcore.PageSubscription.user", removed, gettext_lazy("Subscriptions to pages")),
        Holding("users.User_groups.user", removed, gettext_lazy("Groups of the CMS")),
        Holding("users.User_user_permissions.user", removed, gettext_lazy("Rights of their own")),
        *(
            Holding(relation, of_others)
            for relation in (
                "users.User.merged_into",
                "core.AuditEvent.actor",
                "core.Job.requested_by",
                "wagtailcore.Comment.user",
                "wagtailcore.Comment.resolved_by",
                "wagtailcore.CommentReply.user",
                "wagtailcore.ModelLogEntry.user",
                "wagtailcore.Page.locked_by",
                "wagtailcore.Page.owner",
                "wagtailcore.PageLogEntry.user",
                "wagtailcore.Revision.user",
                "wagtailcore.TaskState.finished_by",
                "wagtailcore.UploadedFile.uploaded_by_user",
                "wagtailcore.WorkflowState.requested_by",
                "wagtaildocs.Document.uploaded_by_user",
                "wagtailimages.Image.uploaded_by_user",
            )
        ),
    )
