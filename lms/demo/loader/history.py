"""The study of one learner in the past: lessons read, tests sat, passed or not.

Tests go through the services of their room, which score them and complete the enrolment. Lessons are written as sets,
with the events the service would have written: a class of eighty reads 2,400 of them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from assessments.models import Attempt, AttemptQuestion, Quiz
from assessments.services.attempts import start_attempt, submit_attempt
from courses.models import Enrolment, LessonPage, LessonProgress, ModulePage, Run
from lms.core.audit import record_event, record_events

from .calendar import moments
from .story import Fate


class Study:
    """What there is to do in a run's course, in its order: lessons, and each module's quiz after them."""

    def __init__(self, run: Run):
        course = run.course
        self.parts: list[tuple[list[LessonPage], Quiz | None]] = []
        for module in ModulePage.objects.child_of(course).live().order_by("path"):
            lessons = list(LessonPage.objects.child_of(module).live().order_by("path"))
            self.parts.append((lessons, Quiz.objects.filter(module=module, is_active=True).first()))


@dataclass(frozen=True)
class Step:
    """One lesson, or one sitting of a quiz with its result."""

    lesson: LessonPage | None = None
    quiz: Quiz | None = None
    passes: bool = True


def steps_of(plan: Study, fate: Fate, random: Random) -> list[Step]:
    """All steps from the first lesson to the end this learner would come to with time enough."""
    quizzes = [quiz for _lessons, quiz in plan.parts if quiz]
    hard = random.choice(quizzes)
    steps = []
    for lessons, quiz in plan.parts:
        steps += [Step(lesson=lesson) for lesson in lessons]
        if quiz is None:
            continue
        if quiz == hard and fate.out_of_attempts:
            steps += [Step(quiz=quiz, passes=False)] * quiz.max_attempts
        elif quiz == hard and fate.second_time:
            steps += [Step(quiz=quiz, passes=False), Step(quiz=quiz)]
        else:
            steps.append(Step(quiz=quiz))
    return steps


def study(plan: Study, enrolment: Enrolment, fate: Fate, *, days: list[date]) -> None:
    """Write what the learner has done in these days; the enrolment is in a run that was open then."""
    random = Random(f"{enrolment.run.code} {enrolment.learner.staff_code}")
    steps = steps_of(plan, fate, random)
    done = len(steps)
    if fate.end != "completed" and not fate.out_of_attempts:
        furthest = 0.4 if fate.end == "withdrawn" else 0.92
        done = max(1, int(len(steps) * random.uniform(0.08, furthest)))
    times = moments(done, days=days, of=len(steps), random=random)
    with transaction.atomic():
        _read(
            enrolment,
            [(step.lesson, time) for step, time in zip(steps, times, strict=False) if step.lesson],
            random,
        )
        for step, time in zip(steps, times, strict=False):
            if step.quiz:
                _sit(enrolment, step.quiz, passes=step.passes, now=time, random=random)
        enrolment.refresh_from_db(fields=["state"])
        if enrolment.state == Enrolment.State.IN_PROGRESS:
            passed = enrolment.criterion_results.count()
            read = enrolment.lesson_progress.filter(completed_at__isnull=False).count()
            Enrolment.objects.filter(pk=enrolment.pk).update(steps_done=read + passed)


def _read(enrolment: Enrolment, lessons: list[tuple[LessonPage, datetime]], random: Random) -> None:
    rows = []
    for lesson, opened_at in lessons:
        spent = timedelta(minutes=lesson.minutes * random.uniform(0.8, 1.6))
        rows.append(
            LessonProgress(
                enrolment=enrolment,
                lesson=lesson,
                opened_at=opened_at,
                last_seen_at=opened_at + spent,
                completed_at=opened_at + spent,
                seconds=int(spent.total_seconds()),
                position=100,
            )
        )
    began_at = rows[0].opened_at
    enrolment.state, enrolment.started_at, enrolment.last_lesson = (
        Enrolment.State.IN_PROGRESS,
        began_at,
        lessons[-1][0],
    )
    enrolment.save(update_fields=["state", "started_at", "last_lesson"])
    record_event(actor=enrolment.learner, action="enrolment.started", target=enrolment, now=began_at)
    for row in LessonProgress.objects.bulk_create(rows):
        record_events(
            actor=enrolment.learner,
            action="lesson.completed",
            targets=[(row, _told(row))],
            now=row.completed_at,
        )


def _told(row: LessonProgress) -> dict[str, Any]:
    return {
        "enrolment": row.enrolment_id,
        "lesson": row.lesson_id,
        "title": row.lesson.title,
        "seconds": row.seconds,
    }


def _sit(enrolment: Enrolment, quiz: Quiz, *, passes: bool, now: datetime, random: Random) -> None:
    """Start, answer with as many right answers as the wanted result needs, and submit some minutes later."""
    attempt = start_attempt(quiz=quiz, enrolment=enrolment, actor=enrolment.learner, now=now)
    minutes = quiz.time_limit_minutes * random.uniform(0.35, 0.85)
    rows = list(
        AttemptQuestion.objects.filter(attempt=attempt).select_related("version").order_by("position")
    )
    share = random.uniform(0.6, 1.0) if passes else random.uniform(0.2, 0.45)
    right = set(random.sample(range(len(rows)), max(1, round(share * len(rows)))))
    for index, row in enumerate(rows):
        content = row.version.content
        row.answer = {"choices": content["key"] if index in right else [wrong_choice(content, random)]}
        row.sequence = 1
        row.saved_at = now + timedelta(minutes=minutes * (index + 1) / (len(rows) + 1))
    # An upsert: bulk_update takes ten times as long, and there are 9,000 answers.
    AttemptQuestion.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=["answer", "sequence", "saved_at"]
    )
    done = submit_attempt(attempt=attempt, actor=enrolment.learner, now=now + timedelta(minutes=minutes))
    if done.passed is not passes:
        raise AssertionError(f"attempt {Attempt.objects.get(pk=done.pk)} was to end otherwise")


def wrong_choice(content: dict[str, Any], random: Random) -> str:
    """The id of one choice that earns nothing."""
    return random.choice(
        [choice["id"] for choice in content["choices"] if choice["id"] not in content["key"]]
    )
