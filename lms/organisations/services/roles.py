"""Roles on units, and the CMS groups that follow from them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from lms.core.audit import record_event
from lms.core.vietnamese import nfc
from lms.organisations.models import RoleGrant, Unit
from lms.organisations.permissions import require_configurer
from lms.organisations.role_groups import group_names
from lms.users.sessions import follow_roles

from .errors import AlreadyEnded, EndBeforeBeginning, RoleAlreadyHeld


@transaction.atomic
def grant_role(
    *, person, role: str, unit: Unit, valid_from: date, actor, now: datetime, decision_number: str = ""
) -> RoleGrant:
    """Grant a role on a unit and its subtree, and with it the membership in the CMS group of that role."""
    require_configurer(actor, now=now)
    grant = RoleGrant(
        person=person,
        role=role,
        unit=unit,
        valid_from=valid_from,
        granted_by=actor,
        decision_number=nfc(decision_number),
    )
    # Constraints are left to the database, which alone sees what another transaction is writing; the system grants too.
    grant.full_clean(exclude={"granted_by"}, validate_constraints=False)
    try:
        with transaction.atomic():
            grant.save()
    except IntegrityError:
        raise RoleAlreadyHeld from None
    record_event(actor=actor, action="role.granted", target=grant, now=now, role=role, unit=unit.code)
    put_into_groups([person.pk], on=timezone.localdate(now))
    follow_roles(person)
    return grant


@transaction.atomic
def end_role(*, grant: RoleGrant, valid_to: date, actor, now: datetime) -> RoleGrant:
    """End a role: ``valid_to`` is the first day without it. Grants are ended, never deleted."""
    require_configurer(actor, now=now)
    if valid_to < grant.valid_from:
        raise EndBeforeBeginning
    updated = RoleGrant.objects.filter(pk=grant.pk, valid_to__isnull=True).update(valid_to=valid_to)
    if updated != 1:
        raise AlreadyEnded
    grant.valid_to = valid_to
    record_event(
        actor=actor,
        action="role.ended",
        target=grant,
        now=now,
        role=grant.role,
        unit=grant.unit.code,
        valid_to=valid_to.isoformat(),
    )
    put_into_groups([grant.person_id], on=timezone.localdate(now))
    return grant


def sync_role_groups(*, on: date) -> int:
    """Bring the groups in step with the grants that hold on the day; gives the number of people looked at.

    Grants begin and end by date, so this runs by the clock; a second run changes nothing. What the audit trail keeps
    are the grants: membership only follows from them.
    """
    names = group_names()
    granted = Q(role_grants__role__in=names)
    member = Q(groups__name__in=names.values())
    people = list(get_user_model().objects.filter(granted | member).distinct().values_list("pk", flat=True))
    put_into_groups(people, on=on)
    return len(people)


@transaction.atomic
def put_into_groups(person_ids: Iterable[int], *, on: date) -> None:
    """Only registered groups are touched; whoever was put into another one by hand stays there."""
    names = group_names()
    if not names:
        return
    ids = list(person_ids)
    groups = {name: Group.objects.get_or_create(name=name)[0].pk for name in sorted(set(names.values()))}
    held = RoleGrant.objects.on(on).filter(person__in=ids, role__in=names).values_list("person_id", "role")
    wanted = {(person_id, groups[names[role]]) for person_id, role in held}
    membership = get_user_model().groups.through
    rows = membership.objects.filter(user_id__in=ids, group_id__in=groups.values())
    present = {
        (user_id, group_id): pk for pk, user_id, group_id in rows.values_list("pk", "user_id", "group_id")
    }
    membership.objects.filter(pk__in=[pk for key, pk in present.items() if key not in wanted]).delete()
    membership.objects.bulk_create(
        [
            membership(user_id=user_id, group_id=group_id)
            for user_id, group_id in sorted(wanted - present.keys())
        ],
        ignore_conflicts=True,
    )
