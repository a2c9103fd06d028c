"""Training taken elsewhere: entered by the coordinators of the demo world, decided by its school."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from courses.models import ExternalTraining
from courses.permissions import may_enter_training_of
from courses.services.external import (
    approve_external_training,
    decline_external_training,
    enter_external_training,
)
from lms.core.pdf import render_pdf
from lms.organisations.models import Role, RoleGrant
from lms.users.models import User

from .calendar import day_of
from .programme import read_yaml
from .runs import ADMINISTRATOR


def load_external(path: Path, *, people: dict[str, User], now: datetime) -> int:
    """The entries of ``external.yaml`` that are not there yet; gives how many there are."""
    entries = read_yaml(path)
    known = set(ExternalTraining.objects.values_list("person__staff_code", "title"))
    for entry in entries:
        if (entry["person"], entry["title"]) not in known:
            _load(entry, people=people, now=now)
    return len(entries)


@transaction.atomic
def _load(entry: dict[str, Any], *, people: dict[str, User], now: datetime) -> None:
    person, school = people[entry["person"]], people[ADMINISTRATOR]
    today = timezone.localdate(now)
    started_on, finished_on = (day_of(day, today=today) for day in entry["days"])
    facts = {
        "person": person,
        "title": entry["title"],
        "organiser": entry["organiser"],
        "started_on": started_on,
        "finished_on": finished_on,
        "periods": Decimal(entry["periods"]),
    }
    number = entry.get("number", "")
    scan = render_pdf("demo/pdf/external_scan.html", facts | {"number": number}, made_at=now)
    training = enter_external_training(
        **facts,
        document_number=number,
        scan=ContentFile(scan, name=f"{entry['person'].lower()}.pdf"),
        actor=_coordinator_of(person, now=now) or school,
        now=now,
    )
    if entry["state"] == "approved":
        approve_external_training(training=training, actor=school, now=now)
    elif entry["state"] == "declined":
        decline_external_training(training=training, reason=entry["reason"], actor=school, now=now)


def _coordinator_of(person: User, *, now: datetime) -> User | None:
    grants = (
        RoleGrant.objects.on(timezone.localdate(now)).filter(role=Role.COORDINATOR).exclude(person=person)
    )
    candidates = (grant.person for grant in grants.select_related("person").order_by("pk"))
    return next((who for who in candidates if may_enter_training_of(who, person, now=now)), None)
