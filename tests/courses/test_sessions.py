"""The timetable of a class: planned by the training department, seen by its learners."""

from datetime import date, time, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from courses.calendar_file import escaped, folded
from courses.models import Enrolment, Run, RunTrainer, Session
from courses.services.sessions import RoomTaken, plan_session
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run, make_session
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return make_person("Phan Thị Khuê", unit=make_unit("Trường"), roles=[Role.SCHOOL_ADMINISTRATOR])


@pytest.fixture
def run():
    return make_run(title="Lớp cải cách hành chính", code="CCHC-01")


@pytest.fixture
def trainer(run):
    person = make_person("Đỗ Văn Giảng", unit=make_unit("Khoa"), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=person)
    return person


def filled_in(**values) -> dict:
    return {
        "day": str(timezone.localdate()),
        "begins_at": "08:00",
        "ends_at": "11:30",
        "topic": "Thủ tục hành chính",
        "room": "Hội trường A",
        "periods": "4",
        "trainer": "",
        **values,
    }


def planned(client, administrator, run, **values):
    client.force_login(administrator)
    return client.post(reverse("courses:session_plan", args=[run.code]), filled_in(**values))


def changed(client, session, **values):
    url = reverse("courses:session_edit", args=[session.run.code, session.pk])
    return client.post(url, filled_in(version=session.version, **values))


def test_the_training_department_plans_a_session_and_the_trail_keeps_it(client, administrator, run, trainer):
    response = planned(client, administrator, run, trainer=trainer.pk)
    assert response.url == reverse("courses:run_sessions", args=[run.code])
    session = Session.objects.get()
    assert (session.run, session.trainer, session.hours) == (run, trainer, "08:00–11:30")
    event = AuditEvent.objects.get(action="session.planned")
    assert (event.actor, event.data["room"]) == (administrator, "Hội trường A")
    page = client.get(response.url).content.decode()
    assert "Thủ tục hành chính" in page
    assert "Hội trường A" in page


def test_the_timetable_is_a_tab_of_the_class(client, trainer, run):
    make_session(run=run, topic="Chuyển đổi số")
    client.force_login(trainer)
    overview = client.get(reverse("courses:run", args=[run.code]))
    assert reverse("courses:run_sessions", args=[run.code]) in overview.content.decode()
    timetable = client.get(reverse("courses:run_sessions", args=[run.code]))
    assert "Chuyển đổi số" in timetable.content.decode()
    assert reverse("courses:session_plan", args=[run.code]) not in timetable.content.decode()


def test_the_timetable_runs_by_day_and_hour(client, trainer, run):
    today = timezone.localdate()
    for topic, day, begins in [("Ba", 2, 8), ("Hai", 1, 13), ("Một", 1, 8)]:
        make_session(
            run=run,
            topic=topic,
            on=today + timedelta(days=day),
            begins_at=time(begins),
            ends_at=time(begins + 2),
        )
    client.force_login(trainer)
    timetable = client.get(reverse("courses:run_sessions", args=[run.code]))
    assert [session.topic for session in timetable.context["sessions"]] == ["Một", "Hai", "Ba"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_at": "08:00"}, "ends_at"),
        ({"day": str(timezone.localdate() + timedelta(days=21))}, "day"),
        ({"day": str(timezone.localdate() - timedelta(days=11))}, "day"),
        ({"periods": "0"}, "periods"),
        ({"topic": " "}, "topic"),
    ],
)
def test_a_session_that_cannot_be_is_refused_beside_its_field(client, administrator, run, values, field):
    response = planned(client, administrator, run, **values)
    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert not Session.objects.exists()


def test_somebody_who_does_not_teach_the_class_cannot_hold_its_session(client, administrator, run, trainer):
    stranger = make_person(unit=make_unit(), roles=[Role.TRAINER])
    response = planned(client, administrator, run, trainer=stranger.pk)
    assert "trainer" in response.context["form"].errors


def test_a_trainer_who_teaches_elsewhere_then_is_refused_with_the_class(client, administrator, run, trainer):
    other = make_run(course=run.course, title="Lớp pháp chế", code="PC-07")
    RunTrainer.objects.create(run=other, person=trainer)
    make_session(run=other, trainer=trainer, begins_at=time(10), ends_at=time(12))
    response = planned(client, administrator, run, trainer=trainer.pk)
    [told] = response.context["form"].errors["trainer"]
    assert "Lớp pháp chế" in told
    assert "PC-07" in told
    assert planned(client, administrator, run, trainer=trainer.pk, ends_at="10:00").status_code == 302


def test_a_room_is_not_given_to_two_classes_at_once(client, administrator, run):
    other = make_run(course=run.course, title="Lớp pháp chế")
    make_session(run=other, room="hội trường a", begins_at=time(11), ends_at=time(12))
    response = planned(client, administrator, run)
    [told] = response.context["form"].errors["room"]
    assert "Lớp pháp chế" in told
    assert planned(client, administrator, run, room="Phòng 201").status_code == 302


def test_a_class_has_one_session_at_a_time(client, administrator, run):
    make_session(run=run, begins_at=time(9), ends_at=time(10))
    response = planned(client, administrator, run)
    assert "begins_at" in response.context["form"].errors


def test_what_was_called_off_takes_neither_room_nor_trainer(client, administrator, run):
    make_session(run=make_run(course=run.course), room="Hội trường A", cancelled_reason="Mưa bão")
    assert planned(client, administrator, run).status_code == 302


def test_a_session_is_changed_as_it_was_seen_only(client, administrator, run):
    session = make_session(run=run)
    client.force_login(administrator)
    assert changed(client, session, topic="Tin học").status_code == 302
    response = changed(client, session, topic="Ngoại ngữ")
    assert response.status_code == 400
    kept = Session.objects.get()
    assert (kept.topic, kept.version) == ("Tin học", 1)
    event = AuditEvent.objects.get(action="session.changed")
    assert event.data["changes"]["topic"] == [session.topic, "Tin học"]


def test_a_session_is_called_off_with_a_reason_and_stays_in_the_timetable(client, administrator, run):
    session = make_session(run=run)
    client.force_login(administrator)
    url = reverse("courses:session_cancel", args=[run.code, session.pk])
    client.post(url, {"reason": " "})
    session.refresh_from_db()
    assert not session.is_cancelled
    client.post(url, {"reason": "Mưa bão"})
    assert "Mưa bão" in client.get(reverse("courses:run_sessions", args=[run.code])).content.decode()
    assert AuditEvent.objects.filter(action="session.cancelled").count() == 1
    client.post(url, {"reason": "Lần nữa"})
    session.refresh_from_db()
    assert session.cancelled_reason == "Mưa bão"


def test_a_finished_class_is_not_planned_any_more(client, administrator, run):
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    response = planned(client, administrator, run)
    assert response.url == reverse("courses:run_sessions", args=[run.code])
    assert not Session.objects.exists()


def test_the_days_of_a_class_do_not_leave_its_sessions_outside(client, administrator, run):
    make_session(run=run, on=run.closes_on)
    client.force_login(administrator)
    values = {name: getattr(run, name) or "" for name in ("code", "title", "policy", "opens_on", "due_on")}
    values |= {"course": run.course_id, "closes_on": run.closes_on - timedelta(days=1)}
    response = client.post(reverse("courses:run_edit", args=[run.code]), values)
    assert "closes_on" in response.context["form"].errors
    run.refresh_from_db()
    assert run.sessions.get().day == run.closes_on


def test_the_database_refuses_a_session_that_ends_before_it_begins(run):
    with pytest.raises(IntegrityError, match="session_ends_after_it_begins"), transaction.atomic():
        make_session(run=run, begins_at=time(9), ends_at=time(8))


@pytest.mark.django_db(transaction=True)
def test_two_classes_that_plan_at_once_do_not_get_one_room(administrator):
    course = make_course()
    runs = [make_run(course=course), make_run(course=course)]
    start, outcomes = Barrier(2), []

    def plan(run) -> None:
        try:
            start.wait()
            plan_session(
                run=run,
                day=timezone.localdate(),
                begins_at=time(8),
                ends_at=time(10),
                topic="Tin học",
                room="P. 201",
                periods=4,
                actor=administrator,
                now=timezone.now(),
            )
            outcomes.append("planned")
        except RoomTaken:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=plan, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["planned", "refused"]


def test_the_timetable_costs_the_same_however_long_it_is(
    client, administrator, run, django_assert_max_num_queries
):
    client.force_login(administrator)
    for number in range(12):
        make_session(run=run, on=run.opens_on + timedelta(days=number))
    with django_assert_max_num_queries(16):
        client.get(reverse("courses:run_sessions", args=[run.code]))


# --- The learner's timetable --------------------------------------------------------------------------------


def test_a_learner_sees_the_sessions_of_the_own_classes_only(client, run):
    enrolment = make_enrolment(run=run)
    make_session(run=run, topic="Của lớp tôi")
    make_session(run=make_run(course=run.course), topic="Của lớp khác")
    client.force_login(enrolment.learner)
    page = client.get(reverse("courses:my_timetable")).content.decode()
    assert "Của lớp tôi" in page
    assert "Của lớp khác" not in page


def test_whoever_was_taken_out_of_the_class_loses_its_timetable(client, run):
    enrolment = make_enrolment(run=run, state=Enrolment.State.WITHDRAWN)
    make_session(run=run, topic="Của lớp cũ")
    client.force_login(enrolment.learner)
    assert "Của lớp cũ" not in client.get(reverse("courses:my_timetable")).content.decode()


def test_the_learners_timetable_costs_the_same_however_long_it_is(client, run, django_assert_max_num_queries):
    enrolment = make_enrolment(run=run)
    for number in range(-8, 8):
        make_session(run=run, on=timezone.localdate() + timedelta(days=number))
    client.force_login(enrolment.learner)
    with django_assert_max_num_queries(15):
        client.get(reverse("courses:my_timetable"))


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_the_calendar_file_holds_the_own_sessions_in_utc_under_lasting_names(client, run, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://hoc.example.vn"
    enrolment = make_enrolment(run=run)
    day = date(2026, 3, 2)
    session = make_session(run=run, on=day, topic="Văn bản; thể thức, kỹ thuật\\trình bày", room="P. 201")
    make_session(run=run, on=day, begins_at=time(13), ends_at=time(16), cancelled_reason="Mưa bão")
    make_session(run=make_run(course=run.course), topic="Của lớp khác")
    client.force_login(enrolment.learner)
    response = client.get(reverse("courses:my_calendar"))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    lines = unfolded(response.content)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert lines.count("BEGIN:VEVENT") == 2
    assert f"UID:session-{session.pk}@hoc.example.vn" in lines
    # 08:00 to 11:30 in Viet Nam
    assert "DTSTART:20260302T010000Z" in lines
    assert "DTEND:20260302T043000Z" in lines
    assert r"SUMMARY:Văn bản\; thể thức\, kỹ thuật\\trình bày" in lines
    assert lines.count("STATUS:CANCELLED") == 1


def test_a_change_makes_the_calendars_copy_older(client, administrator, run):
    enrolment = make_enrolment(run=run)
    session = make_session(run=run)
    client.force_login(administrator)
    changed(client, session, topic="Tin học")
    client.force_login(enrolment.learner)
    assert "SEQUENCE:1" in unfolded(client.get(reverse("courses:my_calendar")).content)


def test_long_lines_are_folded_between_letters():
    line = "SUMMARY:" + "Bồi dưỡng nghiệp vụ quản lý nhà nước " * 8
    parts = folded(line).split("\r\n")
    assert len(parts) > 3
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line
    assert escaped("một\nhai") == "một\\nhai"
