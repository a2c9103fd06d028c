"""How an official comes into a run and leaves it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from courses.models import Enrolment, Run
from courses.services import enrolments as services
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

State = Enrolment.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ministry():
    return make_unit("Bộ")


@pytest.fixture
def unit(ministry):
    return make_unit("Vụ A", parent=ministry)


@pytest.fixture
def administrator(ministry):
    return make_person(unit=ministry, roles=[Role.SCHOOL_ADMINISTRATOR])


@pytest.fixture
def coordinator(unit):
    return make_person(unit=unit, roles=[Role.COORDINATOR])


@pytest.fixture
def nomination_run():
    return make_run(policy=Run.Policy.NOMINATION)


def events(action=""):
    found = AuditEvent.objects.filter(action__startswith=action or "enrolment.")
    return list(found.order_by("pk").values_list("action", flat=True))


def test_a_coordinator_nominates_an_official_of_the_own_subtree(unit, coordinator, nomination_run, now):
    section = make_unit(parent=unit)
    person = make_person(unit=section, position="Phó trưởng phòng", rank_name="Chuyên viên chính")
    enrolment = services.nominate_official(run=nomination_run, person=person, actor=coordinator, now=now)
    assert (enrolment.state, enrolment.unit, enrolment.nominated_by) == (
        State.NOMINATED,
        section,
        coordinator,
    )
    assert (enrolment.position, enrolment.rank_name) == ("Phó trưởng phòng", "Chuyên viên chính")
    assert enrolment.due_on == nomination_run.due_on
    assert events() == ["enrolment.nominated"]


def test_a_coordinator_does_not_nominate_from_a_sibling_unit(ministry, coordinator, nomination_run, now):
    person = make_person(unit=make_unit(parent=ministry))
    with pytest.raises(NotAllowed):
        services.nominate_official(run=nomination_run, person=person, actor=coordinator, now=now)
    assert not Enrolment.objects.exists()


def test_a_learner_does_not_nominate(unit, nomination_run, now):
    person = make_person(unit=unit)
    with pytest.raises(NotAllowed):
        services.nominate_official(run=nomination_run, person=person, actor=person, now=now)


def test_a_person_without_a_unit_is_not_nominated(administrator, nomination_run, now):
    with pytest.raises(services.NotPosted):
        services.nominate_official(run=nomination_run, person=make_person(), actor=administrator, now=now)


def test_nobody_is_nominated_twice(unit, coordinator, nomination_run, now):
    person = make_person(unit=unit)
    services.nominate_official(run=nomination_run, person=person, actor=coordinator, now=now)
    with pytest.raises(services.AlreadyEnrolled):
        services.nominate_official(run=nomination_run, person=person, actor=coordinator, now=now)
    assert events() == ["enrolment.nominated"]


@pytest.mark.parametrize(
    "fields",
    [{"state": Run.State.DRAFT}, {"state": Run.State.FINISHED}, {"policy": Run.Policy.SELF}],
    ids=lambda fields: next(iter(fields.values())),
)
def test_a_run_that_takes_no_nominations_refuses_them(unit, coordinator, now, fields):
    run = make_run(**{"policy": Run.Policy.NOMINATION, **fields})
    with pytest.raises(services.EnrolmentClosed):
        services.nominate_official(run=run, person=make_person(unit=unit), actor=coordinator, now=now)


def test_an_approved_official_is_enrolled_with_the_steps_counted(unit, administrator, now):
    run = make_run(policy=Run.Policy.NOMINATION, course=make_course(modules=2, lessons=3))
    enrolment = make_enrolment(run=run, learner=make_person(unit=unit), state=State.NOMINATED, steps_total=0)
    approved = services.approve_nomination(enrolment=enrolment, actor=administrator, now=now)
    row = Enrolment.objects.get()
    assert approved == row
    assert (row.state, row.approved_by, row.approved_at, row.enrolled_at) == (
        State.ENROLLED,
        administrator,
        now,
        now,
    )
    assert (row.steps_done, row.steps_total) == (0, 6)
    assert events() == ["enrolment.approved"]


def test_a_coordinator_does_not_approve(unit, coordinator, nomination_run, now):
    enrolment = make_enrolment(run=nomination_run, learner=make_person(unit=unit), state=State.NOMINATED)
    with pytest.raises(NotAllowed):
        services.approve_nomination(enrolment=enrolment, actor=coordinator, now=now)


def test_approving_again_says_that_the_enrolment_has_moved(administrator, nomination_run, now):
    enrolment = make_enrolment(run=nomination_run, state=State.NOMINATED)
    services.approve_nomination(enrolment=enrolment, actor=administrator, now=now)
    with pytest.raises(services.EnrolmentMoved):
        services.approve_nomination(enrolment=enrolment, actor=administrator, now=now)
    assert events() == ["enrolment.approved"]


def test_places_go_to_those_nominated_first_and_the_others_are_told(administrator, now):
    run = make_run(policy=Run.Policy.NOMINATION, capacity=3)
    make_enrolment(run=run, state=State.IN_PROGRESS)
    rows = [
        make_enrolment(run=run, state=State.NOMINATED, nominated_at=now + timedelta(hours=h))
        for h in (3, 1, 2)
    ]
    approved, refused = services.approve_nominations(
        run=run, enrolment_ids=[row.pk for row in rows], actor=administrator, now=now
    )
    assert [row.pk for row in approved] == [rows[1].pk, rows[2].pk]
    assert [(row.pk, type(error)) for row, error in refused] == [(rows[0].pk, services.RunFull)]
    assert events() == ["enrolment.approved"] * 2


def test_approving_many_takes_no_more_queries_than_approving_one(
    administrator, now, django_assert_max_num_queries
):
    run = make_run(policy=Run.Policy.NOMINATION)
    rows = [make_enrolment(run=run, state=State.NOMINATED) for _ in range(12)]
    with django_assert_max_num_queries(14):
        services.approve_nominations(
            run=run, enrolment_ids=[row.pk for row in rows], actor=administrator, now=now
        )


def test_an_enrolment_of_another_run_is_passed_over(administrator, nomination_run, now):
    stranger = make_enrolment(run=make_run(policy=Run.Policy.NOMINATION), state=State.NOMINATED)
    assert services.approve_nominations(
        run=nomination_run, enrolment_ids=[stranger.pk], actor=administrator, now=now
    ) == ([], [])
    stranger.refresh_from_db()
    assert stranger.state == State.NOMINATED


def test_a_declined_nomination_carries_its_reason_and_may_be_made_again(
    unit, coordinator, administrator, now
):
    run = make_run(policy=Run.Policy.NOMINATION)
    person = make_person(unit=unit)
    first = services.nominate_official(run=run, person=person, actor=coordinator, now=now)
    with pytest.raises(services.ReasonMissing):
        services.decline_nomination(enrolment=first, reason="  ", actor=administrator, now=now)
    services.decline_nomination(enrolment=first, reason="Chưa đúng đối tượng", actor=administrator, now=now)
    first.refresh_from_db()
    assert (first.state, first.end_reason) == (State.WITHDRAWN, "Chưa đúng đối tượng")
    again = services.nominate_official(run=run, person=person, actor=coordinator, now=now)
    assert (again.pk, again.state, again.end_reason, again.ended_at) == (first.pk, State.NOMINATED, "", None)
    assert events() == ["enrolment.nominated", "enrolment.declined", "enrolment.nominated"]


def test_a_learner_takes_a_place_in_an_open_run(unit, now):
    run, person = make_run(), make_person(unit=unit)
    enrolment = services.enrol_learner(run=run, learner=person, actor=person, now=now)
    assert (enrolment.state, enrolment.unit, enrolment.enrolled_at) == (State.ENROLLED, unit, now)
    assert enrolment.steps_total == 6
    assert events() == ["enrolment.enrolled"]


def test_nobody_enrols_somebody_else(unit, administrator, now):
    with pytest.raises(NotAllowed):
        services.enrol_learner(run=make_run(), learner=make_person(unit=unit), actor=administrator, now=now)


@pytest.mark.parametrize("days", [-11, 21], ids=["before the window", "after the window"])
def test_enrolment_keeps_to_the_window(unit, now, days):
    person = make_person(unit=unit)
    with pytest.raises(services.EnrolmentClosed):
        services.enrol_learner(run=make_run(), learner=person, actor=person, now=now + timedelta(days=days))


def test_a_run_of_nominations_is_not_entered_by_oneself(unit, nomination_run, now):
    person = make_person(unit=unit)
    with pytest.raises(services.EnrolmentClosed):
        services.enrol_learner(run=nomination_run, learner=person, actor=person, now=now)


def test_a_full_run_takes_nobody_until_a_place_is_given_back(unit, now):
    run = make_run(capacity=1)
    first, second = make_person(unit=unit), make_person(unit=unit)
    place = services.enrol_learner(run=run, learner=first, actor=first, now=now)
    with pytest.raises(services.RunFull):
        services.enrol_learner(run=run, learner=second, actor=second, now=now)
    with pytest.raises(services.AlreadyEnrolled):
        services.enrol_learner(run=run, learner=first, actor=first, now=now)
    services.withdraw_enrolment(enrolment=place, reason="", actor=first, now=now)
    assert services.enrol_learner(run=run, learner=second, actor=second, now=now).state == State.ENROLLED


def test_who_left_by_oneself_may_come_back_and_who_was_taken_out_may_not(unit, administrator, now):
    run, person = make_run(), make_person(unit=unit)
    enrolment = services.enrol_learner(run=run, learner=person, actor=person, now=now)
    services.withdraw_enrolment(enrolment=enrolment, reason="", actor=person, now=now)
    enrolment = services.enrol_learner(run=run, learner=person, actor=person, now=now)
    services.withdraw_enrolment(enrolment=enrolment, reason="Chuyển lớp", actor=administrator, now=now)
    with pytest.raises(services.AlreadyEnrolled):
        services.enrol_learner(run=run, learner=person, actor=person, now=now)


def test_a_learner_does_not_leave_after_starting_nor_a_run_one_was_sent_to(nomination_run, now):
    for enrolment in (make_enrolment(state=State.IN_PROGRESS), make_enrolment(run=nomination_run)):
        with pytest.raises(NotAllowed):
            services.withdraw_enrolment(enrolment=enrolment, reason="", actor=enrolment.learner, now=now)


def test_a_coordinator_takes_back_a_nomination_but_not_an_enrolment(unit, coordinator, nomination_run, now):
    person = make_person(unit=unit)
    nominated = services.nominate_official(run=nomination_run, person=person, actor=coordinator, now=now)
    services.withdraw_enrolment(enrolment=nominated, reason="Bận công tác", actor=coordinator, now=now)
    enrolled = make_enrolment(run=nomination_run, learner=make_person(unit=unit))
    with pytest.raises(services.EnrolmentMoved):
        services.withdraw_enrolment(enrolment=enrolled, reason="Bận công tác", actor=coordinator, now=now)


def test_a_completed_enrolment_is_not_withdrawn(administrator, now):
    enrolment = make_enrolment(state=State.COMPLETED)
    with pytest.raises(services.EnrolmentMoved):
        services.withdraw_enrolment(enrolment=enrolment, reason="Nhầm", actor=administrator, now=now)
    enrolment.refresh_from_db()
    assert enrolment.state == State.COMPLETED


# --- Many at the same moment ---------------------------------------------------------------------------------


def _at_once(people, act):
    """Run ``act(person)`` in one thread per person, all let go together; gives what each returned or raised."""
    barrier, outcomes = threading.Barrier(len(people)), {}

    def run(person):
        try:
            barrier.wait(timeout=20)
            outcomes[person.pk] = act(person)
        except Exception as error:  # noqa: BLE001  handed to the test
            outcomes[person.pk] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return list(outcomes.values())


@pytest.mark.django_db(transaction=True)
def test_the_last_places_are_given_once_to_learners_who_come_together(now):
    run, unit = make_run(capacity=2), make_unit()
    people = [make_person(unit=unit) for _ in range(6)]
    outcomes = _at_once(people, lambda p: services.enrol_learner(run=run, learner=p, actor=p, now=now))
    assert sum(isinstance(outcome, Enrolment) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, services.RunFull) for outcome in outcomes) == 4
    assert Enrolment.objects.filter(run=run).count() == 2


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_the_run_is_overbooked(now, monkeypatch):
    """Shows that the race above is real: everybody counts before anybody writes."""
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite the transaction is IMMEDIATE: two of them never count at the same time")
    run, unit = make_run(capacity=2), make_unit()
    people = [make_person(unit=unit) for _ in range(6)]
    counted = threading.Barrier(len(people))

    def count_together(run):
        left = run.capacity - Enrolment.objects.filter(run=run).count()
        counted.wait(timeout=20)
        return left

    monkeypatch.setattr(services, "_lock_run", lambda run: run)
    monkeypatch.setattr(services, "_seats_left", count_together)
    _at_once(people, lambda p: services.enrol_learner(run=run, learner=p, actor=p, now=now))
    assert Enrolment.objects.filter(run=run).count() == 6
