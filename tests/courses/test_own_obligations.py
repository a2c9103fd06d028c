"""What one still has to complete, on the learner's own page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Enrolment
from courses.services.requirements import grant_exemption
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit
from tests.factories.requirements import require

State = Enrolment.State
TODAY = timezone.localdate()
pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    return make_person("Đặng Thị Ánh Nguyệt", unit=make_unit("Vụ Bảo hiểm xã hội"))


@pytest.fixture
def chief():
    return make_person(roles=[Role.SCHOOL_ADMINISTRATOR])


def obliged(client, learner) -> list:
    client.force_login(learner)
    return [one for one, _link in client.get(reverse("courses:dashboard")).context["obliged"]]


def test_the_nearest_deadline_stands_first_with_what_is_missing(client, learner, chief):
    run = make_run(course=make_course(modules=1, lessons=3))
    require(code="SAU", course=run.course, due_in=50, actor=chief)
    require(code="TRUOC", due_in=-2, actor=chief)
    make_enrolment(run=run, learner=learner, state=State.IN_PROGRESS, steps_done=1)
    late, later = obliged(client, learner)
    assert (late.requirement.code, late.state, late.enrolment) == ("TRUOC", "overdue", None)
    assert (later.requirement.code, later.state) == ("SAU", "on_track")
    assert later.due_on == TODAY + timedelta(days=50)
    page = client.get(reverse("courses:dashboard")).content.decode()
    assert "Chưa ghi danh lớp nào của khóa học." in page
    assert "Còn 2 bước." in page
    assert "1 quá hạn" in page


def test_what_is_done_or_exempt_or_asked_of_others_is_not_shown(client, learner, chief):
    run = make_run(course=make_course(modules=1, lessons=1))
    require(course=run.course, actor=chief)
    make_enrolment(run=run, learner=learner, state=State.COMPLETED)
    exempt = require(actor=chief)
    grant_exemption(
        requirement=exempt,
        person=learner,
        valid_from=TODAY,
        reason="Nghỉ thai sản",
        actor=chief,
        now=timezone.now(),
    )
    require(units=[make_unit("Cục khác")], actor=chief)
    assert obliged(client, learner) == []


def test_a_nomination_that_waits_is_said(client, learner, chief):
    run = make_run(course=make_course(modules=1, lessons=1))
    require(course=run.course, actor=chief)
    make_enrolment(run=run, learner=learner, state=State.NOMINATED)
    (one,) = obliged(client, learner)
    assert one.missing == "Đã được cử đi học, chờ Trường xếp lớp."


def test_the_number_of_queries_does_not_grow_with_the_requirements(
    client, learner, chief, django_assert_max_num_queries
):
    client.force_login(learner)
    require(actor=chief, units=[make_unit()])
    require(actor=chief)
    client.get(reverse("courses:dashboard"))
    with django_assert_max_num_queries(22) as few:
        client.get(reverse("courses:dashboard"))
    for _number in range(6):
        require(actor=chief)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("courses:dashboard"))
