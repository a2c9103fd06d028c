"""What the page of signals shows: set-based, a constant number of queries."""

import json
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from courses.models import Enrolment, Run
from lms.core.templatetags.ui import number

from .models import Attempt, AttemptQuestion, AttemptSignal, Quiz, SignalNote
from .similarity import SimilarPair, similar_pairs

# Nobody reads a question and answers it faster.
FASTEST_SECONDS = 3
FEWEST_ANSWERS = 5


@dataclass
class Review:
    """Of one attempt: its signals in words with how often, and the notes."""

    signals: list[str] = field(default_factory=list)
    notes: list[SignalNote] = field(default_factory=list)


def sat_by(run: Run, quiz: Quiz) -> QuerySet[Attempt]:
    """The attempts of a class at a quiz with ``given`` answers, ``last_saved`` and ``signal_count``."""
    given = Q(questions__saved_at__isnull=False)
    return (
        Attempt.objects.filter(quiz=quiz, enrolment__run=run)
        .annotate(
            given=Count("questions", filter=given, distinct=True),
            last_saved=Max("questions__saved_at"),
            signal_count=Count("signals", distinct=True),
        )
        .select_related("enrolment__learner", "enrolment__unit")
    )


def seconds_an_answer(attempt: Attempt) -> float | None:
    """From the start to the last saved answer, per answer; None for too few answers to say."""
    if attempt.given < FEWEST_ANSWERS:
        return None
    return (attempt.last_saved - attempt.started_at).total_seconds() / attempt.given


def is_fast(attempt: Attempt) -> bool:
    seconds = seconds_an_answer(attempt)
    return seconds is not None and seconds < FASTEST_SECONDS


def worth_a_look(run: Run, quiz: Quiz) -> list[Attempt]:
    """Attempts with signals or answered impossibly fast, the most signals first; one query."""
    found = [attempt for attempt in sat_by(run, quiz) if attempt.signal_count or is_fast(attempt)]
    return sorted(found, key=lambda attempt: (-attempt.signal_count, attempt.pk))


def attach_reviews(attempts: list[Attempt]) -> None:
    """Give each ``review``; two queries."""
    reviews = {attempt.pk: Review() for attempt in attempts}
    kinds: dict[int, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for signal in AttemptSignal.objects.filter(attempt__in=reviews):
        kinds[signal.attempt_id][signal.kind].append(signal.detail)
    for attempt in attempts:
        attempt.review = reviews[attempt.pk]
        attempt.review.signals = _words(kinds[attempt.pk])
        if is_fast(attempt):
            seconds = number(round(seconds_an_answer(attempt) or 0, 1))
            attempt.review.signals.append(
                _("%(count)d answers in %(seconds)s seconds each")
                % {"count": attempt.given, "seconds": seconds}
            )
    for note in SignalNote.objects.filter(attempt__in=reviews).select_related("noted_by"):
        reviews[note.attempt_id].notes.append(note)


def _words(kinds: dict[str, list[dict]]) -> list[str]:
    words = []
    if hidden := kinds.get(AttemptSignal.Kind.HIDDEN):
        seconds = sum(detail["seconds"] for detail in hidden)
        words.append(
            _("Page left %(count)d times, %(seconds)d seconds in all")
            % {"count": len(hidden), "seconds": seconds}
        )
    if pasted := kinds.get(AttemptSignal.Kind.PASTE):
        places = ", ".join(str(place) for place in sorted({detail["position"] for detail in pasted}))
        words.append(
            _("Text pasted %(count)d times, in questions: %(places)s")
            % {"count": len(pasted), "places": places}
        )
    for detail in kinds.get(AttemptSignal.Kind.ADDRESS, []):
        words.append(_("Address changed from %(from)s to %(to)s") % detail)
    return words


def alike(run: Run, quiz: Quiz) -> list[tuple[Enrolment, Enrolment, SimilarPair]]:
    """Pairs of learners of the class with equal wrong answers in what they handed in; two queries."""
    wrong: dict[int, set[tuple[int, str]]] = defaultdict(set)
    rows = AttemptQuestion.objects.filter(
        attempt__quiz=quiz,
        attempt__enrolment__run=run,
        attempt__state__in=[Attempt.State.SUBMITTED, Attempt.State.GRADED],
        attempt__printed_paper__isnull=True,
        mark__lt=F("max_mark"),
    ).values_list("attempt__enrolment_id", "version_id", "answer")
    for enrolment_id, version_id, answer in rows:
        if any((answer or {}).values()):
            wrong[enrolment_id].add((version_id, _as_words(answer)))
    pairs = similar_pairs(wrong)
    people = Enrolment.objects.select_related("learner", "unit").in_bulk(
        {pk for pair in pairs for pk in (pair.one, pair.other)}
    )
    return [(people[pair.one], people[pair.other], pair) for pair in pairs]


def _as_words(answer: dict) -> str:
    """Equal for equal answers: choices are stored in the order each learner saw them."""
    if "choices" in answer:
        answer = answer | {"choices": sorted(answer["choices"])}
    return json.dumps(answer, sort_keys=True, ensure_ascii=False).casefold()
