"""Who had to complete what on a day, and how it stood: one definition in sets for page, list, export and reminder.

An obligation is a main posting of the day under a requirement in force on it: one row per person and requirement. The
rules are those of ``obligation_rules``; here they are conditions on postings.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from lms.organisations.models import Posting, Unit
from lms.organisations.structure import Structure, homes_on

from .models import Enrolment, Exemption, ExternalTraining, Recognition, Requirement
from .obligation_rules import DONE, DUE_SOON, EXEMPT, JOINED_LATE, ON_TRACK, OVERDUE, Period


def end_of(day: date) -> datetime:
    """The first moment after the day, in the platform's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def in_force(day: date) -> QuerySet[Requirement]:
    """Requirements that hold on the day, in the order of their columns."""
    return (
        Requirement.objects.filter(starts_on__lte=day)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
        .order_by("starts_on", "code")
    )


@dataclass(frozen=True)
class Tree:
    """Which units' records belong to a subtree on a day: today by path, else by the structure of the day."""

    day: date
    structure: Structure | None = None
    homes: dict[int, int | None] | None = None

    @classmethod
    def on(cls, day: date) -> "Tree":
        if day >= timezone.localdate():
            return cls(day=day)
        return cls(day=day, structure=Structure.on(day), homes=homes_on(day))

    def within(self, tops: list[Unit]) -> Q:
        """On postings whose unit lies below one of these. Units that ended belong where their records went."""
        condition = Q(pk__in=[])
        if self.structure is None:
            for top in tops:
                condition |= Q(unit__path__startswith=top.path)
            return condition
        below = set()
        for top in tops:
            home = self.homes.get(top.pk)
            if home is not None:
                below |= {unit.pk for unit in self.structure.subtree(home)}
        return Q(unit__in=[unit for unit, home in self.homes.items() if home in below])


COLUMNS = {"categories": "category", "rank_codes": "rank_code", "positions": "position"}


def audience_q(requirement: Requirement, tree: Tree) -> Q:
    """On postings in which somebody belongs to the audience as it is drawn on the tree's day."""
    if requirement.audience == Requirement.Audience.LIST:
        return Q(person__in=requirement.members.values("person"))
    tops = [link.unit for link in requirement.unit_links.all()]
    condition = tree.within(tops) if tops else Q()
    for field, column in COLUMNS.items():
        if wanted := getattr(requirement, field):
            condition &= Q(**{f"{column}__in": wanted})
    return condition


def audience(requirement: Requirement, tree: Tree) -> QuerySet[Posting]:
    """Main postings of the audience, of any day."""
    return Posting.objects.main().filter(audience_q(requirement, tree))


def joined_on(rows: QuerySet[Posting], *, day: date) -> Subquery:
    """The first day of the unbroken time in the audience: its last posting by the day that no other one runs into."""
    mine = rows.filter(person=OuterRef("person"), valid_from__lte=day)
    before = rows.filter(
        person=OuterRef("person"), valid_from__lt=OuterRef("valid_from"), valid_to__gte=OuterRef("valid_from")
    )
    begun = mine.filter(~Exists(before)).order_by().values("person").annotate(first=Max("valid_from"))
    return Subquery(begun.values("first"), output_field=DateField())


def completions(requirement: Requirement, period: Period, *, day: date) -> QuerySet[Enrolment]:
    """Completed participations that fulfil the requirement by the end of the day."""
    rows = Enrolment.objects.filter(
        run__course=requirement.course_id, state=Enrolment.State.COMPLETED, completed_at__lt=end_of(day)
    )
    if period.counts_from is not None:
        rows = rows.filter(completed_at__gte=start_of(period.counts_from))
    return rows


def recognitions(requirement: Requirement, period: Period, *, day: date) -> QuerySet[Recognition]:
    """Recognised training that fulfils it: taken within the period, recognised by the end of the day."""
    rows = Recognition.objects.filter(
        requirement=requirement,
        recognised_at__lt=end_of(day),
        training__state=ExternalTraining.State.APPROVED,
        training__finished_on__lte=day,
    )
    if period.counts_from is not None:
        rows = rows.filter(training__finished_on__gte=period.counts_from)
    return rows


def exemptions(requirement: Requirement, *, day: date) -> QuerySet[Exemption]:
    return Exemption.objects.filter(requirement=requirement, valid_from__lte=day).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    )


def obligations(requirement: Requirement, *, day: date, tree: Tree | None = None) -> QuerySet[Posting]:
    """The obligations of a requirement on a day: main postings with ``joined_on`` and ``obligation``, the state.

    Nobody when the requirement does not hold on the day.
    """
    rows = audience(requirement, tree or Tree.on(day))
    if not requirement.term.holds_on(day):
        return rows.none().annotate(joined_on=F("valid_from"), obligation=Value("", output_field=CharField()))
    period = requirement.term.period_of(day)
    # Sets and not a question per row: PostgreSQL asks those a thousand times as long.
    done = Q(person__in=completions(requirement, period, day=day).values("learner")) | Q(
        person__in=recognitions(requirement, period, day=day).values("training__person")
    )
    exempt = Q(person__in=exemptions(requirement, day=day).values("person"))
    bounds = period.thresholds_on(day)
    # The way back through earlier postings is asked only of those it can make a difference for.
    first = Case(
        When(valid_from__lte=bounds.common_until, then=F("valid_from")),
        default=Coalesce(joined_on(rows, day=day), F("valid_from")),
        output_field=DateField(),
    )
    common = Q(joined_on__lte=bounds.common_until)
    cases = [When(done, then=Value(DONE)), When(exempt, then=Value(EXEMPT))]
    if bounds.overdue_common:
        cases.append(When(common, then=Value(OVERDUE)))
    cases.append(When(~common & Q(joined_on__lt=bounds.overdue_if_joined_before), then=Value(OVERDUE)))
    if bounds.late_after is not None:
        cases.append(When(~common, then=Value(JOINED_LATE)))
    elif bounds.soon_if_joined_until is not None:
        cases.append(When(~common & Q(joined_on__lte=bounds.soon_if_joined_until), then=Value(DUE_SOON)))
        cases.append(When(~common, then=Value(ON_TRACK)))
    return (
        rows.on(day)
        .annotate(joined_on=first)
        .annotate(
            obligation=Case(
                *cases,
                default=Value(DUE_SOON if bounds.soon_common else ON_TRACK),
                output_field=CharField(),
            )
        )
    )
