"""Who was at a session: the trainer's list, the code on the wall, the book on paper."""

import io
import zipfile
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from courses.models import Attendance, Enrolment, Run, RunTrainer, Session
from courses.services.attendance import check_in, open_check_in
from lms.core.models import AuditEvent
from lms.organisations.models import Posting, Role
from tests.factories.courses import make_enrolment, make_run, make_session
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
State = Attendance.State


@pytest.fixture
def run():
    return make_run(title="Lớp cải cách hành chính")


@pytest.fixture
def session(run):
    return make_session(run=run, topic="Thủ tục hành chính")


@pytest.fixture
def trainer(run):
    person = make_person("Đỗ Văn Giảng", unit=make_unit("Khoa"), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=person)
    return person


@pytest.fixture
def learners(run):
    unit = make_unit("Vụ Pháp chế")
    names = ["Lê Thị An", "Trần Văn Bình", "Vũ Thị Cúc"]
    return [make_enrolment(run=run, learner=make_person(name, unit=unit)) for name in names]


def marked(client, session, **values):
    url = reverse("courses:session_mark", args=[session.run.code, session.pk])
    return client.post(url, values, follow=True)


def states_of(session) -> dict[int, str]:
    return dict(session.attendances.values_list("enrolment_id", "state"))


def opened(session, trainer, **values) -> Session:
    return open_check_in(
        session=session, **{"minutes": 15, "actor": trainer, "now": timezone.now(), **values}
    )


def typed(client, learner, code):
    client.force_login(learner)
    return client.post(reverse("courses:check_in"), {"code": code})


# --- The list -----------------------------------------------------------------------------------------------


def test_a_trainer_marks_the_list_and_each_mark_is_in_the_trail(client, session, trainer, learners):
    client.force_login(trainer)
    first, second, third = learners
    marked(
        client,
        session,
        **{
            f"state-{first.pk}": "present",
            f"state-{second.pk}": "excused",
            f"reason-{second.pk}": "Đi công tác",
            f"state-{third.pk}": "absent",
        },
    )
    assert states_of(session) == {first.pk: "present", second.pk: "excused", third.pk: "absent"}
    event = AuditEvent.objects.get(action="attendance.marked", object_label__startswith=str(second))
    assert event.actor == trainer
    # Why somebody was away can be erased, what stands in the trail cannot.
    assert event.data == {"before": "", "state": "excused"}


def test_one_button_marks_all_others_as_present(client, session, trainer, learners):
    client.force_login(trainer)
    marked(client, session, rest="present", **{f"state-{learners[1].pk}": "absent"})
    assert states_of(session) == {
        learners[0].pk: "present",
        learners[1].pk: "absent",
        learners[2].pk: "present",
    }


def test_leave_needs_its_reason_and_nothing_is_half_written(client, session, trainer, learners):
    client.force_login(trainer)
    marked(client, session, **{f"state-{learners[0].pk}": "present", f"state-{learners[1].pk}": "excused"})
    assert states_of(session) == {}
    assert not AuditEvent.objects.filter(action="attendance.marked").exists()


def test_sending_the_same_list_again_changes_nothing(client, session, trainer, learners):
    client.force_login(trainer)
    marked(client, session, **{f"state-{learners[0].pk}": "present"})
    marked(client, session, **{f"state-{learners[0].pk}": "present"})
    assert AuditEvent.objects.filter(action="attendance.marked").count() == 1


def test_a_mark_is_corrected_and_the_trail_says_what_it_was(client, session, trainer, learners):
    client.force_login(trainer)
    key = learners[0].pk
    marked(client, session, **{f"state-{key}": "absent"})
    marked(client, session, **{f"seen-{key}": "absent", f"state-{key}": "present"})
    assert states_of(session) == {key: "present"}
    event = AuditEvent.objects.filter(action="attendance.marked").order_by("-pk").first()
    assert event.data["before"] == "absent"


def test_a_list_opened_before_somebody_checked_in_does_not_write_over_it(client, session, trainer, learners):
    opened(session, trainer)
    session.refresh_from_db()
    check_in(code=session.check_in_code, learner=learners[0].learner, now=timezone.now())
    client.force_login(trainer)
    # The list was shown when nobody was marked; the trainer touched the second row only.
    marked(client, session, **{f"seen-{learners[0].pk}": "", f"state-{learners[1].pk}": "absent"})
    assert states_of(session) == {learners[0].pk: "present", learners[1].pk: "absent"}


def test_what_another_marked_meanwhile_is_left_and_named(client, session, trainer, learners):
    client.force_login(trainer)
    first, second, _third = learners
    marked(client, session, **{f"state-{first.pk}": "absent"})
    # A list shown before that: all others are present, and the first one was not marked on it.
    page = marked(client, session, rest="present")
    assert states_of(session)[first.pk] == "absent"
    assert states_of(session)[second.pk] == "present"
    [told] = [str(message) for message in page.context["messages"] if message.level_tag == "warning"]
    assert "Lê Thị An" in told
    assert "Trần Văn Bình" not in told


def test_whoever_is_not_in_the_class_cannot_be_marked(client, session, trainer, learners):
    stranger = make_enrolment(run=make_run(course=session.run.course))
    gone = make_enrolment(run=session.run, state=Enrolment.State.WITHDRAWN)
    client.force_login(trainer)
    marked(client, session, **{f"state-{row.pk}": "present" for row in (stranger, gone)})
    assert states_of(session) == {}


@pytest.mark.parametrize("case", ["tomorrow", "called off", "finished"])
def test_no_attendance_where_there_was_no_session(client, run, trainer, learners, case):
    on = timezone.localdate() + timedelta(days=1 if case == "tomorrow" else 0)
    session = make_session(run=run, on=on, cancelled_reason="Mưa bão" if case == "called off" else "")
    if case == "finished":
        Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    client.force_login(trainer)
    marked(client, session, **{f"state-{learners[0].pk}": "present"})
    assert states_of(session) == {}
    page = client.get(reverse("courses:session", args=[run.code, session.pk]))
    assert not page.context["may_mark"]
    assert not page.context["may_open_code"]


def test_a_marked_session_is_neither_called_off_nor_moved_to_another_day(client, session, trainer, learners):
    administrator = make_person(unit=make_unit("Trường"), roles=[Role.SCHOOL_ADMINISTRATOR])
    client.force_login(administrator)
    marked(client, session, rest="present")
    client.post(reverse("courses:session_cancel", args=[session.run.code, session.pk]), {"reason": "Mưa bão"})
    session.refresh_from_db()
    assert not session.is_cancelled
    values = {"day": session.day - timedelta(days=1), "begins_at": "08:00", "ends_at": "11:30"}
    values |= {"topic": session.topic, "periods": "4", "version": session.version}
    response = client.post(reverse("courses:session_edit", args=[session.run.code, session.pk]), values)
    assert "day" in response.context["form"].errors


def test_the_list_costs_the_same_however_many_learn(
    client, session, trainer, learners, django_assert_max_num_queries
):
    for _number in range(9):
        make_enrolment(run=session.run)
    client.force_login(trainer)
    marked(client, session, rest="present")
    with django_assert_max_num_queries(16):
        client.get(reverse("courses:session", args=[session.run.code, session.pk]))
    for_all = {f"seen-{row.pk}": "present" for row in session.run.enrolments.all()}
    for_all |= {f"state-{row.pk}": "absent" for row in session.run.enrolments.all()}
    with django_assert_max_num_queries(20):
        client.post(reverse("courses:session_mark", args=[session.run.code, session.pk]), for_all)
    assert set(states_of(session).values()) == {"absent"}


# --- The code on the wall -----------------------------------------------------------------------------------


def test_a_trainer_opens_a_code_and_the_wall_shows_it_with_its_picture(client, session, trainer, learners):
    client.force_login(trainer)
    url = reverse("courses:check_in_open", args=[session.run.code, session.pk])
    wall = client.post(url, {"minutes": "30"}, follow=True)
    session.refresh_from_db()
    assert session.check_in_code in wall.content.decode()
    assert "<svg" in wall.context["qr"]
    event = AuditEvent.objects.get(action="session.check_in_opened")
    assert session.check_in_code not in str(event.data)


def test_a_learner_checks_in_with_the_code_once_however_often_it_is_sent(client, session, trainer, learners):
    opened(session, trainer)
    session.refresh_from_db()
    typed_code = f" {session.check_in_code[:3].lower()}-{session.check_in_code[3:]} "
    assert typed(client, learners[0].learner, typed_code).url == reverse("courses:my_timetable")
    assert typed(client, learners[0].learner, session.check_in_code).status_code == 302
    attendance = Attendance.objects.get()
    assert (attendance.enrolment, attendance.state) == (learners[0], State.PRESENT)
    assert (attendance.how, attendance.marked_by) == (Attendance.How.CODE, learners[0].learner)
    assert AuditEvent.objects.filter(action="attendance.checked_in").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_learner_who_sends_the_code_twice_at_once_is_there_once(session, trainer, learners):
    code, start, outcomes = opened(session, trainer).check_in_code, Barrier(2), []

    def send() -> None:
        try:
            start.wait()
            outcomes.append(check_in(code=code, learner=learners[0].learner, now=timezone.now()).pk)
        finally:
            connection.close()

    threads = [Thread(target=send) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2
    assert len(set(outcomes)) == 1
    assert AuditEvent.objects.filter(action="attendance.checked_in").count() == 1


def test_the_link_of_the_picture_shows_the_session_and_checks_in_nobody(client, session, trainer, learners):
    opened(session, trainer)
    session.refresh_from_db()
    client.force_login(learners[0].learner)
    page = client.get(reverse("courses:check_in_with", args=[session.check_in_code]))
    assert "Thủ tục hành chính" in page.content.decode()
    assert page.context["form"].initial["code"] == session.check_in_code
    assert not Attendance.objects.exists()


def test_a_learner_cannot_mark_another(client, session, trainer, learners):
    opened(session, trainer)
    session.refresh_from_db()
    client.force_login(learners[0].learner)
    names = {"learner": learners[1].learner_id, "enrolment": learners[1].pk}
    client.post(reverse("courses:check_in"), {"code": session.check_in_code, **names})
    assert list(states_of(session)) == [learners[0].pk]
    url = reverse("courses:session_mark", args=[session.run.code, session.pk])
    assert client.post(url, {f"state-{learners[1].pk}": "present"}).status_code == 404


def test_the_code_of_another_class_is_as_good_as_none(client, session, trainer, learners):
    opened(session, trainer)
    session.refresh_from_db()
    elsewhere = make_enrolment(run=make_run(course=session.run.course))
    response = typed(client, elsewhere.learner, session.check_in_code)
    assert response.status_code == 400
    assert (
        response.context["form"].errors == typed(client, elsewhere.learner, "ZZZZZZ").context["form"].errors
    )
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("case", ["run out", "closed", "renewed", "yesterday", "called off"])
def test_a_code_that_is_not_open_checks_in_nobody(client, session, trainer, learners, case):
    code = opened(session, trainer).check_in_code
    if case == "run out":
        Session.objects.update(check_in_until=timezone.now() - timedelta(seconds=1))
    elif case == "closed":
        client.force_login(trainer)
        client.post(reverse("courses:check_in_close", args=[session.run.code, session.pk]))
    elif case == "renewed":
        opened(session, trainer)
    elif case == "yesterday":
        Session.objects.update(day=timezone.localdate() - timedelta(days=1))
    else:
        Session.objects.update(cancelled_reason="Mưa bão")
    assert typed(client, learners[0].learner, code).status_code == 400
    assert not Attendance.objects.exists()


def test_whom_the_trainer_has_marked_absent_speaks_to_the_trainer(client, session, trainer, learners):
    client.force_login(trainer)
    marked(client, session, **{f"state-{learners[0].pk}": "absent"})
    code = opened(session, trainer).check_in_code
    assert typed(client, learners[0].learner, code).status_code == 400
    assert states_of(session) == {learners[0].pk: "absent"}


def test_codes_are_not_guessed_by_trying(client, learners):
    answers = [typed(client, learners[0].learner, f"ABCD{number}") for number in range(22)]
    assert answers[-1].status_code == 429


def test_a_code_opens_on_the_day_of_the_session_only(client, run, trainer):
    session = make_session(run=run, on=timezone.localdate() - timedelta(days=1))
    client.force_login(trainer)
    client.post(reverse("courses:check_in_open", args=[run.code, session.pk]), {"minutes": "15"})
    session.refresh_from_db()
    assert session.check_in_code == ""


# --- The book on paper --------------------------------------------------------------------------------------


def test_the_attendance_book_names_all_learners_and_what_has_been_marked(client, session, trainer, learners):
    client.force_login(trainer)
    marked(
        client,
        session,
        rest="present",
        **{f"state-{learners[1].pk}": "excused", f"reason-{learners[1].pk}": "Đi công tác"},
    )
    response = client.get(reverse("courses:attendance_sheet", args=[session.run.code]))
    assert response["Content-Type"] == "application/pdf"
    [page] = PdfReader(io.BytesIO(response.content)).pages
    assert page.mediabox.width > page.mediabox.height
    text = " ".join(page.extract_text().split())
    for name in ("Lê Thị An", "Trần Văn Bình", "Vũ Thị Cúc", "Vụ Pháp chế", f"{session.day:%d/%m}"):
        assert name in text
    assert "Đi công tác" not in text


def test_a_long_class_goes_on_on_further_sheets(
    client, run, trainer, learners, django_assert_max_num_queries
):
    for number in range(12):
        make_session(run=run, on=run.opens_on + timedelta(days=number))
    client.force_login(trainer)
    with django_assert_max_num_queries(14):
        response = client.get(reverse("courses:attendance_sheet", args=[run.code]))
    assert len(PdfReader(io.BytesIO(response.content)).pages) == 2


# --- What is held about a person ----------------------------------------------------------------------------


def test_a_learner_finds_the_own_attendance_in_the_own_archive(client, session, trainer, learners):
    client.force_login(trainer)
    key = learners[0].pk
    marked(client, session, **{f"state-{key}": "excused", f"reason-{key}": "Nghỉ ốm"})
    client.force_login(learners[0].learner)
    response = client.post(reverse("download_own_data"))
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".xlsx")]
        book = load_workbook(io.BytesIO(archive.read(name)))
    rows = list(book["Điểm danh"].values)
    assert "Nghỉ ốm" in rows[-1]
    assert "vắng có phép" in rows[-1]


def test_an_erasure_empties_why_somebody_was_away_and_keeps_that_leave_was_given(
    client, session, trainer, learners
):
    person, key = learners[0].learner, learners[0].pk
    client.force_login(trainer)
    marked(client, session, **{f"state-{key}": "excused", f"reason-{key}": "Nghỉ ốm"})
    Enrolment.objects.filter(pk=key).update(state=Enrolment.State.FAILED, ended_at=timezone.now())
    Posting.objects.filter(person=person).update(valid_to=timezone.localdate())
    client.force_login(make_person(unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR]))
    asked = {"reason": "Đơn số 12, đã nghỉ việc", "email": person.email}
    assert client.post(reverse("erase_person", args=[person.pk]), asked).status_code == 302
    attendance = Attendance.objects.get(enrolment=key)
    assert (attendance.state, attendance.reason) == (State.EXCUSED, "–")
    assert "Nghỉ ốm" not in str(list(AuditEvent.objects.values_list("data", flat=True)))
