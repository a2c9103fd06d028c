"""What officials of the demo world must complete, and the few who are exempt."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from courses.models import CoursePage, Requirement
from courses.obligation_rules import DONE
from courses.obligations import obligations
from courses.services.requirements import grant_exemption, set_requirement
from lms.users.models import User

from .calendar import at, day_of
from .programme import read_yaml
from .runs import ADMINISTRATOR


def load_requirements(path: Path, *, people: dict[str, User], now: datetime) -> int:
    """The requirements of ``requirements.yaml`` that are not there yet; gives how many."""
    known = set(Requirement.objects.values_list("code", flat=True))
    entries = [entry for entry in read_yaml(path)["requirements"] if entry["code"] not in known]
    for entry in entries:
        _load(entry, actor=people[ADMINISTRATOR], now=now)
    return len(entries)


@transaction.atomic
def _load(entry: dict[str, Any], *, actor: User, now: datetime) -> None:
    today = timezone.localdate(now)
    decision = entry["decision"]
    signed = day_of(decision["date"], today=today)
    requirement = set_requirement(
        course=CoursePage.objects.get(code=entry["course"], locale__language_code="vi"),
        code=entry["code"],
        title=entry["title"],
        title_en=entry["title_en"],
        categories=entry.get("categories", []),
        recurrence=entry.get("recurrence", Requirement.Recurrence.ONCE),
        starts_on=day_of(entry["starts"], today=today),
        due_on=day_of(entry["due"], today=today) if "due" in entry else None,
        within_days=entry.get("within"),
        decision_number=decision["number"],
        decision_date=signed,
        decision_signer=decision["signer"],
        actor=actor,
        now=at(signed, 9),
    )
    if "exempt" in entry:
        waiting = obligations(requirement, day=today).exclude(obligation=DONE).exclude(person=actor)
        for posting in waiting.select_related("person").order_by("person__staff_code")[
            :: entry["exempt"]["every"]
        ]:
            grant_exemption(
                requirement=requirement,
                person=posting.person,
                valid_from=requirement.starts_on,
                reason=entry["exempt"]["reason"],
                actor=actor,
                now=at(requirement.starts_on, 10),
            )
