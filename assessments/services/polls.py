"""Writes to polls: making, opening, closing, showing, voting."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from assessments.models import Poll, PollVote
from assessments.permissions import can_hold_polls
from courses.models import LessonPage, Run
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

# Read aloud and typed on a phone: no letter that looks like a figure.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
CHOICES_AT_MOST = 10
_random = SystemRandom()
State = Poll.State


class PollInvalid(DomainError):
    message = _("A poll needs a question and two to ten different choices.")


class LessonOfAnotherCourse(DomainError):
    message = _("This lesson belongs to another course.")


class PollClosed(DomainError):
    message = _("This poll takes no votes now.")


class PollMoved(DomainError):
    message = _("Somebody else has changed this poll. Here is how it stands.")


class VotedAlready(DomainError):
    message = _("You have voted already, and votes in this poll cannot be changed.")


class UnknownChoice(DomainError):
    message = _("Please choose one of the answers.")


def _require_right(actor, run: Run) -> None:
    if not can_hold_polls(actor, run):
        raise NotAllowed(_("Only trainers of the class and the school may hold its polls."))


def _new_code() -> str:
    return "".join(_random.choices(ALPHABET, k=CODE_LENGTH))


@transaction.atomic
def create_poll(
    *,
    run: Run,
    question: str,
    choices: Sequence[str],
    lesson: LessonPage | None = None,
    is_anonymous: bool = True,
    allows_guests: bool = False,
    allows_change: bool = True,
    actor,
    now: datetime,
) -> Poll:
    """A draft with a code of its own; raises PollInvalid, LessonOfAnotherCourse."""
    _require_right(actor, run)
    if lesson is not None and not lesson.is_descendant_of(run.course):
        raise LessonOfAnotherCourse
    texts = [nfc(text).strip() for text in choices if text.strip()]
    if not question.strip() or not 2 <= len(texts) <= CHOICES_AT_MOST or len(set(texts)) != len(texts):
        raise PollInvalid
    code = _new_code()
    while Poll.objects.filter(join_code=code).exists():
        code = _new_code()
    poll = Poll(
        run=run,
        lesson=lesson,
        question=nfc(question).strip(),
        choices=[{"id": str(number), "text": text} for number, text in enumerate(texts, start=1)],
        join_code=code,
        is_anonymous=is_anonymous,
        allows_guests=allows_guests,
        allows_change=allows_change,
    )
    poll.full_clean()
    poll.save()
    record_event(actor=actor, action="poll.created", target=poll, now=now, anonymous=is_anonymous)
    return poll


def open_poll(*, poll: Poll, actor, now: datetime) -> None:
    _move(poll, [State.DRAFT, State.CLOSED], State.OPEN, action="poll.opened", actor=actor, now=now)


def close_poll(*, poll: Poll, actor, now: datetime) -> None:
    _move(poll, [State.OPEN], State.CLOSED, action="poll.closed", actor=actor, now=now)


@transaction.atomic
def _move(poll: Poll, sources: list[str], target: str, *, action: str, actor, now: datetime) -> None:
    _require_right(actor, poll.run)
    if Poll.objects.filter(pk=poll.pk, state__in=sources).update(state=target) != 1:
        raise PollMoved
    poll.state = target
    record_event(actor=actor, action=action, target=poll, now=now)


@transaction.atomic
def show_results(*, poll: Poll, shows: bool, actor, now: datetime) -> None:
    """Let voters see the results, or hide them again; the second time changes nothing."""
    _require_right(actor, poll.run)
    if Poll.objects.filter(pk=poll.pk, shows_results=not shows).update(shows_results=shows):
        action = "poll.results_shown" if shows else "poll.results_hidden"
        record_event(actor=actor, action=action, target=poll, now=now)
    poll.shows_results = shows


def voter_key(poll: Poll, *, person=None, guest: str = "") -> str:
    """Who votes, for this poll alone: keys of two polls cannot be joined without the site's secret."""
    who = f"person:{person.pk}" if person is not None else f"guest:{guest}"
    return salted_hmac(f"assessments.poll:{poll.pk}", who, algorithm="sha256").hexdigest()


@transaction.atomic
def cast_vote(*, poll: Poll, choice: str, person=None, guest: str = "") -> PollVote:
    """One vote per account or guest's browser; a second one changes the first where the poll allows it.

    The poll's row is locked: no vote comes after the closing. A vote is data, not a change of state: no audit event.
    """
    locked = Poll.objects.select_for_update(no_key=True).get(pk=poll.pk)
    if not locked.is_open:
        raise PollClosed
    if person is None and not (locked.allows_guests and guest):
        raise NotAllowed
    if choice not in {known["id"] for known in locked.choices}:
        raise UnknownChoice
    key = voter_key(locked, person=person, guest=guest)
    named = None if locked.is_anonymous else person
    try:
        with transaction.atomic():
            return PollVote.objects.create(poll=locked, voter_key=key, person=named, choice=choice)
    except IntegrityError as error:
        vote = PollVote.objects.get(poll=locked, voter_key=key)
        if vote.choice != choice and not locked.allows_change:
            raise VotedAlready from error
        PollVote.objects.filter(pk=vote.pk).update(choice=choice)
        vote.choice = choice
        return vote


def counts_of(poll: Poll) -> list[dict]:
    """Each choice with its votes and share in per cent. One query."""
    votes = Counter(poll.votes.values_list("choice", flat=True))
    total = votes.total()
    return [
        {
            "id": choice["id"],
            "text": choice["text"],
            "votes": votes[choice["id"]],
            "share": round(votes[choice["id"]] * 100 / total, 1) if total else 0,
        }
        for choice in poll.choices
    ]
