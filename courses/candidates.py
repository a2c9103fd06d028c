"""Whom a coordinator may send to a class, and why somebody cannot be sent."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from lms.organisations.access import Access
from lms.organisations.models import Posting, Role, Unit

from .models import Enrolment, Run


def nominating_q(access: Access, field: str = "") -> Q:
    """A condition on units one may nominate from: reading a unit's figures is not enough."""
    if access.has(Role.SCHOOL_ADMINISTRATOR):
        return Q()
    prefix = f"{field}__path__startswith" if field else "path__startswith"
    condition = Q(pk__in=[])
    for path in access.coordinated_paths:
        condition |= Q(**{prefix: path})
    return condition


def may_nominate(access: Access) -> bool:
    return access.has(Role.SCHOOL_ADMINISTRATOR, Role.COORDINATOR)


def units_to_nominate_from(access: Access) -> QuerySet[Unit]:
    return Unit.objects.filter(nominating_q(access))


def candidates(access: Access, *, on: date, text: str = "", unit: Unit | None = None) -> QuerySet:
    """Staff one may nominate, in name order, each with ``postings_here`` (one main posting)."""
    posted = Posting.objects.on(on).main().filter(nominating_q(access, "unit"))
    if unit is not None:
        posted = posted.filter(unit__path__startswith=unit.path)
    people = get_user_model().objects.filter(Exists(posted.filter(person=OuterRef("pk"))), is_active=True)
    return (
        people.search(text)
        .in_name_order()
        .prefetch_related(Prefetch("postings", posted.select_related("unit"), to_attr="postings_here"))
    )


def without_place_in(people: QuerySet, run: Run) -> QuerySet:
    """Those not on the list of the run; who was withdrawn before studying may be sent again."""
    on_list = Enrolment.objects.filter(run=run, learner=OuterRef("pk"))
    return people.exclude(Exists(on_list.filter(BLOCKING)))


# An enrolment that keeps its learner from being nominated once more, as ``services.enrolments`` has it.
BLOCKING = ~Q(state=Enrolment.State.WITHDRAWN, started_at__isnull=True)


def with_standing(people: Iterable, run: Run) -> list:
    """Each person with ``posting`` and ``standing``: the enrolment in the run that stands in the way, or None."""
    rows = list(people)
    blocking = {row.learner_id: row for row in Enrolment.objects.filter(BLOCKING, run=run, learner__in=rows)}
    for person in rows:
        person.posting = person.postings_here[0]
        person.standing = blocking.get(person.pk)
    return rows
