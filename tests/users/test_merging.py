"""Two accounts of one person become one: everything comes over once, and nobody counts twice."""

from datetime import date

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt
from certificates.models import Certificate
from courses.models import Enrolment, ExternalTraining, RunTrainer
from lms.core.models import AuditEvent
from lms.organisations.models import Posting, Role
from lms.users.merging import preview_merge
from lms.users.models import User
from lms.users.services import AccountMerged, update_person
from tests.factories.assessments import make_learner_of, make_quiz, sit
from tests.factories.certificates import make_certificates, make_completed_run
from tests.factories.courses import enter_training, make_course, make_enrolment, make_run
from tests.factories.organisations import LONG_AGO, make_person, make_unit

pytestmark = pytest.mark.django_db
State = Enrolment.State


@pytest.fixture
def system():
    return make_person("Lê Thị An", unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR])


@pytest.fixture
def unit():
    return make_unit("Vụ Pháp chế")


@pytest.fixture
def kept(unit):
    return make_person("Đỗ Thị Lan", unit=unit, email="lan.dt@bo.example")


@pytest.fixture
def closed():
    """The same person, entered again: without a seat."""
    return make_person("Đỗ Thị Lan", email="lan.dt2@bo.example", staff_code="CB77")


@pytest.fixture
def run():
    return make_run(course=make_course(modules=1, lessons=2))


def merge(system, kept, closed, *, reason: str = "Cùng ngày sinh, phòng tổ chức xác nhận"):
    client = Client()
    client.force_login(system)
    return client.post(reverse("merge_people", args=[kept.pk]), {"other": closed.email, "reason": reason})


def said(response) -> str:
    return response.content.decode()


def test_what_was_done_under_both_stands_under_one(system, kept, closed, unit, run):
    quiz = make_quiz()
    attempt = sit(quiz, make_learner_of(quiz, learner=closed), right=3)
    certified = make_completed_run(names=["Đỗ Thị Lan"])
    Enrolment.objects.filter(run=certified).update(learner=closed)
    [certificate] = make_certificates(certified, files=False)
    coordinator = make_person(unit=unit, roles=[Role.COORDINATOR])
    training = enter_training(kept, actor=coordinator)
    ExternalTraining.objects.filter(pk=training.pk).update(person=closed)
    RunTrainer.objects.create(run=run, person=closed)
    SocialAccount.objects.create(user=closed, provider="cong-bo", uid="lan")
    there = Client()
    there.force_login(closed)

    assert merge(system, kept, closed).status_code == 302
    assert Attempt.objects.get(pk=attempt.pk).enrolment.learner == kept
    assert Certificate.objects.get(pk=certificate.pk).enrolment.learner == kept
    assert ExternalTraining.objects.get().person == kept
    assert RunTrainer.objects.get().person == kept and SocialAccount.objects.get().user == kept
    gone, goes_on = User.objects.get(pk=closed.pk), User.objects.get(pk=kept.pk)
    assert (gone.is_active, gone.merged_into, gone.get_full_name()) == (False, kept, "Đỗ Thị Lan")
    assert (goes_on.staff_code, gone.staff_code) == ("CB77", "")
    assert there.get("/hoc/").status_code == 302
    mine = Client()
    mine.force_login(goes_on)
    assert certificate.number_text in said(mine.get(reverse("certificates:mine")))


def test_the_trail_tells_it_on_both(system, kept, closed, run):
    make_enrolment(run=run, learner=closed)
    merge(system, kept, closed)
    told = {
        event.action: event
        for event in AuditEvent.objects.filter(action__in=["person.merged", "person.took_over"])
    }
    assert told["person.merged"].object_id == str(closed.pk) and told["person.merged"].data["into"] == kept.pk
    assert told["person.merged"].data["rows"]["courses.Enrolment.learner"] == 1
    assert (
        told["person.took_over"].object_id == str(kept.pk) and told["person.took_over"].actor_id == system.pk
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (State.COMPLETED, State.IN_PROGRESS),
        (State.IN_PROGRESS, State.ENROLLED),
        (State.COMPLETED, State.COMPLETED),
    ],
)
def test_in_one_class_one_person_counts_once(system, kept, closed, run, ours, theirs):
    make_enrolment(run=run, learner=kept, state=ours)
    second = make_enrolment(run=run, learner=closed, state=theirs)
    merge(system, kept, closed)
    counted = Enrolment.objects.filter(run=run).exclude(state=State.WITHDRAWN)
    assert [(row.learner, row.state) for row in counted] == [(kept, ours)]
    assert AuditEvent.objects.get(action="enrolment.gave_way").object_id == str(second.pk)


def test_the_account_that_came_further_is_not_the_one_to_close(system, kept, closed, run):
    make_enrolment(run=run, learner=kept, state=State.ENROLLED)
    make_enrolment(run=run, learner=closed, state=State.COMPLETED)
    response = merge(system, kept, closed)
    assert response.status_code == 422 and "học được nhiều hơn" in said(response)
    assert User.objects.get(pk=closed.pk).is_active
    assert merge(system, closed, kept).status_code == 302


def test_two_certificates_of_one_class_are_named(system, kept, closed):
    run = make_completed_run(learners=2)
    first, second = Enrolment.objects.filter(run=run).order_by("pk")
    Enrolment.objects.filter(pk=first.pk).update(learner=kept)
    Enrolment.objects.filter(pk=second.pk).update(learner=closed)
    numbers = [certificate.number_text for certificate in make_certificates(run, files=False)]
    response = merge(system, kept, closed)
    assert response.status_code == 422 and any(number in said(response) for number in numbers)


def test_nobody_gets_two_main_postings_on_one_day(system, kept, unit):
    other = make_unit("Cục Việc làm")
    closed = make_person("Đỗ Thị Lan", unit=other)
    merge(system, kept, closed)
    today = timezone.localdate()
    assert [posting.unit for posting in Posting.objects.on(today).filter(person=kept)] == [unit]
    assert not Posting.objects.on(today).filter(person=closed).exists()
    # What was reported for earlier days stands.
    assert Posting.objects.on(date(2020, 1, 1)).filter(person=closed, unit=other).exists()


def test_earlier_postings_come_over(system, unit):
    kept = make_person("Đỗ Thị Lan")
    closed = make_person("Đỗ Thị Lan", unit=unit)
    merge(system, kept, closed)
    assert Posting.objects.get(person=kept).unit == unit


def test_roles_are_ended_and_not_gathered(system, kept, unit):
    closed = make_person("Đỗ Thị Lan", unit=unit, roles=[Role.COORDINATOR])
    merge(system, kept, closed)
    grant = closed.role_grants.get()
    assert grant.valid_to == timezone.localdate() and not kept.role_grants.exists()
    assert grant.valid_from == LONG_AGO


def test_the_preview_is_the_merge_and_changes_nothing(client, system, kept, closed, run):
    make_enrolment(run=run, learner=closed, state=State.IN_PROGRESS)
    events = AuditEvent.objects.count()
    client.force_login(system)
    address = reverse("merge_people", args=[kept.pk])
    assert address in said(client.get(reverse("wagtailusers_users:edit", args=[kept.pk])))
    page = said(client.get(address, {"other": "CB77"}))
    assert "Lượt tham gia lớp" in page and closed.email in page
    assert Enrolment.objects.get().learner == closed and AuditEvent.objects.count() == events
    rows = preview_merge(kept=kept, closed=closed, actor=system, now=timezone.now())
    assert [(str(row.label), row.result.moved) for row in rows if row.result.moved] == [
        ("Lượt tham gia lớp, bài đã học, bài kiểm tra đã làm", 1)
    ]


def test_what_speaks_against_one_person_is_said(client, system, kept):
    other = make_person("Trần Văn Khác", birth_date=date(1990, 1, 1))
    User.objects.filter(pk=kept.pk).update(birth_date=date(1980, 1, 1))
    client.force_login(system)
    page = said(client.get(reverse("merge_people", args=[kept.pk]), {"other": other.email}))
    assert "Họ tên khác nhau" in page and "Ngày sinh khác nhau" in page


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_asks_for_a_reason(system, kept, closed, reason):
    assert merge(system, kept, closed, reason=reason).status_code == 422
    assert User.objects.get(pk=closed.pk).is_active


def test_not_with_itself_not_ones_own_not_twice_not_without_the_right(system, kept, closed):
    assert "cùng một tài khoản" in said(merge(system, kept, kept))
    assert "quản trị viên khác" in said(merge(system, kept, system))
    assert "quản trị viên khác" in said(merge(system, system, kept))
    school = make_person(roles=[(Role.SCHOOL_ADMINISTRATOR, make_unit())])
    merge(school, kept, closed)
    assert User.objects.get(pk=closed.pk).is_active
    merge(system, kept, closed)
    assert "đã gộp trước đó" in said(merge(system, kept, closed))


def test_a_closed_account_is_not_opened_again(system, kept, closed):
    merge(system, kept, closed)
    with pytest.raises(AccountMerged):
        update_person(person=closed, actor=system, now=timezone.now(), is_active=True)


def test_an_erasure_reaches_what_was_merged(system, kept, closed, client):
    merge(system, kept, closed)
    Posting.objects.filter(person=kept).update(valid_to=timezone.localdate())
    client.force_login(system)
    client.post(reverse("erase_person", args=[kept.pk]), {"reason": "Đơn số 12", "email": kept.email})
    assert not User.objects.search("Đỗ Thị Lan").exists()
    assert User.objects.filter(erased_at__isnull=False).count() == 2


def test_a_merge_that_breaks_off_leaves_both(system, kept, closed, run, monkeypatch):
    from lms.users import merging

    make_enrolment(run=run, learner=closed)

    def fail(**_kwargs):
        raise RuntimeError("no trail")

    monkeypatch.setattr(merging, "record_event", fail)
    with pytest.raises(RuntimeError):
        merge(system, kept, closed)
    assert Enrolment.objects.get().learner == closed and User.objects.get(pk=closed.pk).is_active
