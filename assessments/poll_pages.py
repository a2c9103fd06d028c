"""What the pages of polls show: the results, the form to vote, and the polls of a lesson."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from courses.models import Enrolment, LessonPage
from courses.panels import LessonPanel

from .models import Poll, PollVote
from .services.polls import counts_of, voter_key


def result_context(poll: Poll) -> dict[str, Any]:
    rows = counts_of(poll)
    return {"poll": poll, "rows": rows, "total": sum(row["votes"] for row in rows)}


def vote_contexts(polls: Sequence[Poll], *, person=None, guest: str = "") -> list[dict[str, Any]]:
    """For each poll the voter's own vote, whether they may vote, and the results where voters see them.

    One query, and one for each poll whose results are shown.
    """
    keys = {voter_key(poll, person=person, guest=guest): poll.pk for poll in polls}
    votes = PollVote.objects.filter(poll__in=polls, voter_key__in=keys)
    own_votes = dict(votes.values_list("poll", "choice"))
    contexts = []
    for poll in polls:
        own = own_votes.get(poll.pk)
        context = {"poll": poll, "own": own, "may_vote": poll.is_open and (own is None or poll.allows_change)}
        if poll.shows_results and (own or not poll.is_open):
            context |= result_context(poll)
        contexts.append(context)
    return contexts


def _standing_in(lesson_id: int) -> QuerySet[Poll]:
    return Poll.objects.filter(lesson=lesson_id).exclude(state=Poll.State.DRAFT).order_by("pk")


def _lesson_polls(request: HttpRequest, enrolment: Enrolment, lesson: LessonPage) -> dict[str, Any]:
    """The polls of the learner's class that stand in this lesson."""
    polls = list(_standing_in(lesson.pk).filter(run=enrolment.run_id))
    return {
        "template": "assessments/lesson_polls.html",
        "stylesheet": "assessments/surveys.css",
        "polls": vote_contexts(polls, person=request.user),
        "back": request.path,
    }


LESSON_POLLS = LessonPanel(
    "polls",
    exists=lambda lesson_id: Exists(_standing_in(lesson_id).filter(run=OuterRef("run"))),
    content=_lesson_polls,
)
