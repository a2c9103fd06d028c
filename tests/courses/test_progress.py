"""Studying and completing: once, for good, and only by oneself."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from courses.models import CriterionResult, Enrolment, LessonProgress, Run
from courses.services import progress as services
from courses.signals import enrolment_completed
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from tests.factories.courses import (
    lessons_of,
    make_course,
    make_criterion,
    make_enrolment,
    make_lesson,
    make_module,
    make_run,
)
from tests.factories.organisations import make_person

State = Enrolment.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def enrolment():
    return make_enrolment(run=make_run(course=make_course(modules=1, lessons=2)))


@pytest.fixture
def lessons(enrolment):
    return lessons_of(enrolment.run.course)


@pytest.fixture
def completions():
    received = []

    def receive(sender, enrolment, now, **kwargs):
        received.append(enrolment.pk)

    enrolment_completed.connect(receive)
    yield received
    enrolment_completed.disconnect(receive)


def complete(enrolment, lesson, now):
    return services.complete_lesson(enrolment=enrolment, lesson=lesson, actor=enrolment.learner, now=now)


def events(prefix):
    return list(
        AuditEvent.objects.filter(action__startswith=prefix).order_by("pk").values_list("action", flat=True)
    )


def test_the_first_lesson_opened_begins_the_study_once(enrolment, lessons, now):
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=now)
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=now)
    services.open_lesson(enrolment=enrolment, lesson=lessons[1], now=now + timedelta(minutes=9))
    row = Enrolment.objects.get()
    assert (row.state, row.started_at, row.last_lesson_id) == (State.IN_PROGRESS, now, lessons[1].pk)
    assert LessonProgress.objects.count() == 2
    assert events("enrolment.") == ["enrolment.started"]


def test_a_second_tab_that_read_the_enrolment_before_it_began_begins_it_no_second_time(
    enrolment, lessons, now
):
    tab = Enrolment.objects.select_related("run__course", "learner").get(pk=enrolment.pk)
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=now)
    services.open_lesson(enrolment=tab, lesson=lessons[1], now=now + timedelta(minutes=1))
    row = Enrolment.objects.get(pk=enrolment.pk)
    assert (row.started_at, row.last_lesson_id) == (now, lessons[1].pk)
    assert events("enrolment.") == ["enrolment.started"]


def test_opening_a_lesson_again_keeps_when_it_was_opened_first(enrolment, lessons, now):
    later = now + timedelta(minutes=9)
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=now)
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=later)
    row = LessonProgress.objects.get()
    assert (row.opened_at, row.last_seen_at) == (now, later)


def test_all_lessons_done_complete_the_course_and_announce_it_once(
    enrolment, lessons, now, completions, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for lesson in [*lessons, lessons[0]]:
            complete(enrolment, lesson, now)
    row = Enrolment.objects.get()
    assert (row.state, row.completed_at, row.ended_at) == (State.COMPLETED, now, now)
    assert (row.steps_done, row.steps_total, row.percent) == (2, 2, 100)
    assert completions == [row.pk]
    assert events("lesson.") == ["lesson.completed"] * 2
    assert events("enrolment.") == ["enrolment.started", "enrolment.completed"]
    assert enrolment.state == State.COMPLETED


def test_an_optional_lesson_is_not_waited_for(now):
    course = make_course(modules=1, lessons=1)
    make_lesson(course.get_children().first().specific, is_compulsory=False)
    enrolment = make_enrolment(run=make_run(course=course))
    complete(enrolment, lessons_of(course)[0], now)
    assert (enrolment.state, enrolment.steps_total) == (State.COMPLETED, 1)


def test_a_lesson_not_published_or_under_an_unpublished_module_is_not_waited_for(now):
    course = make_course(modules=1, lessons=1)
    make_lesson(course.get_children().first().specific, live=False)
    hidden = make_module(course, lessons=1)
    type(hidden).objects.filter(pk=hidden.pk).update(live=False)
    enrolment = make_enrolment(run=make_run(course=course))
    complete(enrolment, lessons_of(course)[0], now)
    assert enrolment.state == State.COMPLETED


def test_a_criterion_is_waited_for_and_met_once(enrolment, lessons, now):
    criterion = make_criterion(enrolment.run.course)
    for lesson in lessons:
        complete(enrolment, lesson, now)
    assert (enrolment.state, enrolment.steps_done, enrolment.steps_total) == (State.IN_PROGRESS, 2, 3)
    first = services.meet_criterion(
        enrolment=enrolment, criterion=criterion, evidence="8/10", actor=None, now=now
    )
    again = services.meet_criterion(
        enrolment=enrolment, criterion=criterion, evidence="9/10", actor=None, now=now + timedelta(days=1)
    )
    assert (again.pk, again.evidence, again.met_at) == (first.pk, "8/10", now)
    assert enrolment.state == State.COMPLETED
    assert events("criterion.") == ["criterion.met"]


def test_completed_stays_completed_when_a_lesson_and_a_criterion_are_added(enrolment, lessons, now):
    for lesson in lessons:
        complete(enrolment, lesson, now)
    course = enrolment.run.course
    added = make_lesson(course.get_children().first().specific)
    criterion = services.require_criterion(
        course=course, module=None, kind="test", key="muon", title="Bổ sung", title_en="", actor=None, now=now
    )
    with pytest.raises(services.NotStudying):
        complete(enrolment, lessons_of(course)[-1], now)
    services.meet_criterion(enrolment=enrolment, criterion=criterion, evidence="", actor=None, now=now)
    row = Enrolment.objects.get()
    assert (row.state, row.steps_done, row.steps_total, row.completed_at) == (State.COMPLETED, 2, 2, now)
    assert not LessonProgress.objects.filter(lesson=added).exists()
    assert events("enrolment.") == ["enrolment.started", "enrolment.completed"]


def test_an_open_enrolment_is_measured_against_the_course_as_it_stands(enrolment, lessons, now):
    complete(enrolment, lessons[0], now)
    make_lesson(enrolment.run.course.get_children().first().specific)
    complete(enrolment, lessons[1], now)
    assert (enrolment.state, enrolment.steps_done, enrolment.steps_total) == (State.IN_PROGRESS, 2, 3)


def test_dropping_the_last_open_criterion_completes_those_who_have_done_the_rest(enrolment, lessons, now):
    criterion = services.require_criterion(
        course=enrolment.run.course,
        module=None,
        kind="test",
        key="k",
        title="T",
        title_en="",
        actor=None,
        now=now,
    )
    behind = make_enrolment(run=enrolment.run)
    for lesson in lessons:
        complete(enrolment, lesson, now)
    assert enrolment.state == State.IN_PROGRESS
    assert services.drop_criterion(kind="test", key=criterion.key, actor=None, now=now)
    enrolment.refresh_from_db()
    behind.refresh_from_db()
    assert (enrolment.state, behind.state) == (State.COMPLETED, State.ENROLLED)
    assert not services.drop_criterion(kind="test", key=criterion.key, actor=None, now=now)
    assert events("criterion.") == ["criterion.required", "criterion.dropped"]


def test_requiring_a_criterion_again_changes_only_what_is_new(now):
    course = make_course(modules=1, lessons=1)
    values = {
        "course": course,
        "module": None,
        "kind": "test",
        "key": "k",
        "title_en": "",
        "actor": None,
        "now": now,
    }
    first = services.require_criterion(title="Bài 1", **values)
    services.require_criterion(title="Bài 1", **values)
    second = services.require_criterion(title="Bài 2", **values)
    assert (first.pk, second.title) == (second.pk, "Bài 2")
    assert events("criterion.") == ["criterion.required", "criterion.changed"]


def test_nobody_completes_a_lesson_for_somebody_else(enrolment, lessons, now):
    with pytest.raises(NotAllowed):
        services.complete_lesson(enrolment=enrolment, lesson=lessons[0], actor=make_person(), now=now)
    assert not LessonProgress.objects.exists()


def test_a_lesson_of_another_course_is_refused(enrolment, now):
    stranger = lessons_of(make_course(modules=1, lessons=1))[0]
    for act in (
        lambda: complete(enrolment, stranger, now),
        lambda: services.open_lesson(enrolment=enrolment, lesson=stranger, now=now),
    ):
        with pytest.raises(services.LessonElsewhere):
            act()


@pytest.mark.parametrize("state", [State.NOMINATED, State.WITHDRAWN, State.FAILED, State.EXPIRED])
def test_who_holds_no_place_does_not_study(state, now):
    enrolment = make_enrolment(state=state)
    lesson = lessons_of(enrolment.run.course)[0]
    with pytest.raises(services.NotStudying):
        services.open_lesson(enrolment=enrolment, lesson=lesson, now=now)
    with pytest.raises(services.NotStudying):
        complete(enrolment, lesson, now)


@pytest.mark.parametrize("days", [-11, 21], ids=["before the window", "after the window"])
def test_study_keeps_to_the_days_of_the_run(enrolment, lessons, now, days):
    with pytest.raises(services.NotStudying):
        complete(enrolment, lessons[0], now + timedelta(days=days))


def test_a_finished_run_is_not_studied(lessons, enrolment, now):
    Run.objects.update(state=Run.State.FINISHED)
    enrolment.run.refresh_from_db()
    with pytest.raises(services.NotStudying):
        complete(enrolment, lessons[0], now)


def test_the_server_measures_the_time_and_a_pause_counts_a_minute_at_most(enrolment, lessons, now):
    lesson = lessons[0]
    services.open_lesson(enrolment=enrolment, lesson=lesson, now=now)

    def save(seconds, position):
        moment = now + timedelta(seconds=seconds)
        services.save_position(enrolment=enrolment, lesson=lesson, position=position, now=moment)

    save(20, 10)
    save(50, 35)
    save(50 + 3600, 250)
    save(40, 60)  # a message that comes late, from an earlier moment
    row = LessonProgress.objects.get()
    assert row.seconds == 20 + 30 + 60
    assert row.position == 60


def test_two_tabs_count_an_interval_once(enrolment, lessons, now):
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=now)
    for _tab in range(2):
        services.save_position(
            enrolment=enrolment, lesson=lessons[0], position=50, now=now + timedelta(seconds=30)
        )
    assert LessonProgress.objects.get().seconds == 30


def test_positions_leave_no_trace_in_the_audit_trail(enrolment, lessons, now):
    services.open_lesson(enrolment=enrolment, lesson=lessons[0], now=now)
    before = AuditEvent.objects.count()
    services.save_position(enrolment=enrolment, lesson=lessons[0], position=50, now=now)
    assert AuditEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_the_two_last_steps_done_at_one_moment_complete_the_course_once(now):
    course = make_course(modules=1, lessons=1)
    enrolment = make_enrolment(run=make_run(course=course))
    criterion, lesson = make_criterion(course), lessons_of(course)[0]
    barrier, errors = threading.Barrier(4), []

    def run(act):
        try:
            row = Enrolment.objects.select_related("run__course", "learner").get(pk=enrolment.pk)
            barrier.wait(timeout=20)
            act(row)
        except Exception as error:  # noqa: BLE001  handed to the test
            errors.append(error)
        finally:
            connections.close_all()

    acts = [
        lambda row: complete(row, lesson, now),
        lambda row: services.meet_criterion(
            enrolment=row, criterion=criterion, evidence="", actor=None, now=now
        ),
    ] * 2
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert Enrolment.objects.get().state == State.COMPLETED
    assert CriterionResult.objects.count() == 1
    assert events("enrolment.completed") == ["enrolment.completed"]
