"""The demo runs: who was nominated, approved, enrolled, and how far each has come.

Every run is written in one transaction, so that a load that was broken off leaves either the whole of it or nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from certificates.models import CertificateKind
from certificates.services import issue_for_run, take_numbers
from courses.models import CoursePage, Enrolment, Run
from courses.services.enrolments import (
    approve_nominations,
    enrol_learner,
    nominate_official,
    withdraw_enrolment,
)
from courses.services.runs import create_run, finish_run, open_run
from lms.core.models import Job
from lms.organisations.access import access_for
from lms.organisations.models import Posting, Role, RoleGrant
from lms.users.models import User

from .calendar import at, day_of, working_days
from .history import Study, study
from .programme import read_yaml
from .story import Fate, fates

ADMINISTRATOR = "TDTBD006"
WITHDRAWN_BECAUSE = "Được điều động đi công tác đột xuất, đơn vị đề nghị cho học khóa sau."


def load_runs(path: Path, *, people: dict[str, User], now: datetime) -> list[Job]:
    """The runs of ``runs.yaml`` that are not there yet; gives the jobs that issue certificates of finished ones."""
    today = timezone.localdate(now)
    known = set(Run.objects.values_list("code", flat=True))
    learners = codes_of_learners()
    jobs = []
    for entry in read_yaml(path)["runs"]:
        if entry["code"] not in known:
            story = fates(entry, learners)
            run = _load_run(entry, story, people=people, today=today)
            if "certificates" in entry:
                jobs.append(_issue(run, entry["certificates"], actor=people[ADMINISTRATOR], now=now))
    return jobs


def _issue(run: Run, issued_on: date, *, actor: User, now: datetime) -> Job:
    """Numbers were taken on the closing day; the files are made by the job, now."""
    take_numbers(
        run=run, kind=CertificateKind.CERTIFICATE, issued_on=issued_on, actor=actor, now=at(issued_on, 18)
    )
    return issue_for_run(run=run, issued_on=issued_on, actor=actor, now=now)


def codes_of_learners() -> list[str]:
    """Staff codes of the officials without a role, in order of their units."""
    with_role = RoleGrant.objects.values("person")
    postings = Posting.objects.exclude(person__in=with_role).order_by("unit__path", "person__staff_code")
    return list(postings.values_list("person__staff_code", flat=True))


@transaction.atomic
def _load_run(entry: dict[str, Any], story: dict[str, Fate], *, people: dict[str, User], today: date) -> Run:
    administrator = people[ADMINISTRATOR]
    opens, due, closes = (day_of(entry[name], today=today) for name in ("opens", "due", "closes"))
    decision = entry.get("decision")
    prepared = at(day_of(decision["date"], today=today) if decision else opens - timedelta(days=3), 8, 30)
    year = {"year": opens.year}
    run = create_run(
        course=CoursePage.objects.get(code=entry["course"], locale__language_code="vi"),
        code=entry["code"],
        title=entry["title"].format_map(year),
        title_en=entry["title_en"].format_map(year),
        policy=entry["policy"],
        opens_on=opens,
        due_on=due,
        closes_on=closes,
        capacity=entry["capacity"],
        decision_number=decision["number"] if decision else "",
        decision_date=day_of(decision["date"], today=today) if decision else None,
        decision_signer=decision["signer"] if decision else "",
        trainers=[people[code] for code in entry["trainers"]],
        actor=administrator,
        now=prepared,
    )
    run = open_run(run=run, actor=administrator, now=prepared)
    if entry["policy"] == Run.Policy.NOMINATION:
        _nominate(run, story, people=people, actor=administrator, since=prepared)
    else:
        for minutes, code in enumerate(story):
            enrol_learner(
                run=run,
                learner=people[code],
                actor=people[code],
                now=at(opens, 7) + timedelta(minutes=4 * minutes),
            )
    last_day = due if entry.get("finished") else min(due, today - timedelta(days=1))
    if last_day >= opens:
        days = working_days(opens, last_day)
        _study(run, story, days=days)
        for enrolment in _enrolments(run, story, end="withdrawn"):
            withdraw_enrolment(
                enrolment=enrolment,
                reason=WITHDRAWN_BECAUSE,
                actor=administrator,
                now=at(days[len(days) // 2], 17),
            )
    if entry.get("finished"):
        run = finish_run(run=run, actor=administrator, now=at(closes, 17, 30))
    return run


def _nominate(
    run: Run, story: dict[str, Fate], *, people: dict[str, User], actor: User, since: datetime
) -> None:
    """Each unit's coordinator nominates on one of the two days after the decision, the school approves the day after."""
    coordinators = _coordinators()
    random = Random(f"{run.code}: nominations")
    waiting, approved = [], []
    for code, fate in story.items():
        person = people[code]
        unit = Posting.objects.main().select_related("unit").get(person=person, valid_to=None).unit
        coordinator = next(
            c for c in coordinators if access_for(c, on=timezone.localdate(since)).coordinates(unit)
        )
        enrolment = nominate_official(
            run=run,
            person=person,
            actor=coordinator,
            now=since + timedelta(hours=1, minutes=random.randrange(24 * 60)),
        )
        (waiting if fate.end == "nominated" else approved).append(enrolment.pk)
    approve_nominations(run=run, enrolment_ids=approved, actor=actor, now=since + timedelta(days=2))


def _coordinators() -> list[User]:
    grants = RoleGrant.objects.filter(role=Role.COORDINATOR).select_related("person").order_by("unit__path")
    return [grant.person for grant in grants]


def _enrolments(run: Run, story: dict[str, Fate], *, end: str) -> Iterable[Enrolment]:
    codes = [code for code, fate in story.items() if fate.end == end]
    return Enrolment.objects.filter(run=run, learner__staff_code__in=codes).select_related(
        "run", "learner", "unit"
    )


def _study(run: Run, story: dict[str, Fate], *, days: list[date]) -> None:
    plan = Study(run)
    enrolments = Enrolment.objects.filter(run=run).select_related("run__course", "learner", "unit")
    for enrolment in enrolments.order_by("pk"):
        fate = story[enrolment.learner.staff_code]
        if fate.end in ("completed", "in_progress", "withdrawn"):
            study(plan, enrolment, fate, days=days)
