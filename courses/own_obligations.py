"""What one official still has to complete, and what is missing, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import IntegerField, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Enrolment, Requirement
from .obligation_rules import DONE, EXEMPT
from .obligations import Tree, in_force, obligations

State = Enrolment.State


@dataclass(frozen=True)
class OwnObligation:
    """``missing`` says what is left to do; ``enrolment`` is the participation it goes on in, if there is one."""

    requirement: Requirement
    state: str
    due_on: date
    enrolment: Enrolment | None
    missing: str


def own_obligations(person, *, day: date, enrolments: Sequence[Enrolment]) -> list[OwnObligation]:
    """The obligations of a person that are neither done nor exempt, the nearest deadline first.

    ``enrolments`` are the person's, with their runs. Three queries, or one where nothing is required.
    """
    requirements = list(in_force(day).select_related("course").prefetch_related("unit_links__unit"))
    if not requirements:
        return []
    by_id, tree = {requirement.pk: requirement for requirement in requirements}, Tree.on(day)
    parts = [
        obligations(requirement, day=day, tree=tree)
        .filter(person=person)
        .exclude(obligation__in=[DONE, EXEMPT])
        .order_by()
        .annotate(requirement=Value(requirement.pk, output_field=IntegerField()))
        .values_list("requirement", "obligation", "joined_on")
        for requirement in requirements
    ]
    found = []
    for pk, state, joined_on in parts[0].union(*parts[1:], all=True):
        requirement = by_id[pk]
        enrolment = _going_on(requirement, enrolments)
        found.append(
            OwnObligation(
                requirement=requirement,
                state=state,
                due_on=requirement.term.period_of(day).due_for(joined_on),
                enrolment=enrolment,
                missing=_missing(enrolment),
            )
        )
    return sorted(found, key=lambda one: (one.due_on, one.requirement.code))


def _going_on(requirement: Requirement, enrolments: Sequence[Enrolment]) -> Enrolment | None:
    """The participation in the required course that has come furthest and has not ended."""
    open_ones = [
        row
        for row in enrolments
        if row.run.course_id == requirement.course_id and row.state not in Enrolment.ENDED_STATES
    ]
    return max(open_ones, key=lambda row: (row.steps_done, row.pk), default=None)


def _missing(enrolment: Enrolment | None) -> str:
    if enrolment is None:
        return _("Not enrolled in any class of the course yet.")
    if enrolment.state in (State.NOMINATED, State.APPROVED):
        return _("Nominated; the school has not given the place yet.")
    left = enrolment.steps_total - enrolment.steps_done
    return ngettext("%(left)s step is left.", "%(left)s steps are left.", left) % {"left": left}
