"""Training taken elsewhere: the coordinator enters it with its paper, the school decides, the record counts it."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from courses.ledger import periods_by_year
from courses.models import ExternalTraining
from courses.services.errors import TrainingDecided
from courses.services.external import approve_external_training, decline_external_training
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.organisations.services import post_official
from tests.factories.courses import enter_training
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
State = ExternalTraining.State
PDF = b"%PDF-1.4 mau"


@pytest.fixture
def unit():
    return make_unit("Vụ Pháp chế")


@pytest.fixture
def official(unit):
    return make_person("Trần Thị Bích", unit=unit)


@pytest.fixture
def coordinator(unit):
    return make_person("Lê Văn Đầu", unit=unit, roles=[Role.COORDINATOR])


@pytest.fixture
def administrator():
    return make_person("Phan Thị Khuê", unit=make_unit("Trường"), roles=[Role.SCHOOL_ADMINISTRATOR])


def filled_in(**values) -> dict:
    yesterday = timezone.localdate() - timedelta(days=1)
    return {
        "title": "Bồi dưỡng quản lý nhà nước ngạch chuyên viên",
        "organiser": "Học viện Hành chính",
        "started_on": str(yesterday - timedelta(days=4)),
        "finished_on": str(yesterday),
        "periods": "40",
        "document_number": "123/CC",
        "scan": SimpleUploadedFile("chung-chi.pdf", PDF, "application/pdf"),
        **values,
    }


def entered(client, coordinator, official, **values):
    client.force_login(coordinator)
    return client.post(reverse("courses:external_add", args=[official.pk]), filled_in(**values))


def test_a_coordinator_enters_it_and_it_waits_for_the_school(client, coordinator, official, unit):
    response = entered(client, coordinator, official)
    assert response.url == reverse("courses:person_record", args=[official.pk])
    training = ExternalTraining.objects.get()
    assert (training.state, training.unit, training.entered_by) == (State.SUBMITTED, unit, coordinator)
    assert AuditEvent.objects.filter(action="external_training.entered", object_id=training.pk).count() == 1
    assert periods_by_year([], [training]) == {}


def test_what_the_school_approves_counts_as_periods_of_its_year(client, coordinator, official, administrator):
    entered(client, coordinator, official)
    training = ExternalTraining.objects.get()
    client.force_login(administrator)
    client.post(reverse("courses:external_approve", args=[training.pk]))
    client.force_login(official)
    record = client.get(reverse("courses:record"))
    assert record.context["years"] == {training.finished_on.year: Decimal(40)}
    assert "Học viện Hành chính" in record.content.decode()
    dashboard = client.get(reverse("courses:dashboard"))
    if training.finished_on.year == timezone.localdate().year:
        assert dashboard.context["periods"] == Decimal(40)


def test_a_decline_needs_a_reason_and_shows_it(client, coordinator, official, administrator):
    entered(client, coordinator, official)
    training = ExternalTraining.objects.get()
    client.force_login(administrator)
    url = reverse("courses:external_decline", args=[training.pk])
    client.post(url, {"reason": "  "})
    training.refresh_from_db()
    assert training.state == State.SUBMITTED
    client.post(url, {"reason": "Bản chụp không đọc được"})
    client.force_login(coordinator)
    page = client.get(reverse("courses:external_training", args=[training.pk]))
    assert "Bản chụp không đọc được" in page.content.decode()


def test_an_approval_given_by_mistake_is_taken_away_with_a_reason(official, coordinator, administrator):
    training = enter_training(official, actor=coordinator)
    now = timezone.now()
    approve_external_training(training=training, actor=administrator, now=now)
    decline_external_training(training=training, reason="Trùng khóa", actor=administrator, now=now)
    event = AuditEvent.objects.get(action="external_training.declined")
    assert event.data["before"] == "approved"
    with pytest.raises(TrainingDecided):
        approve_external_training(training=training, actor=administrator, now=now)


def test_a_coordinator_takes_a_wrong_entry_back_until_the_school_decides(client, coordinator, official):
    entered(client, coordinator, official)
    training = ExternalTraining.objects.get()
    client.post(reverse("courses:external_take_back", args=[training.pk]))
    training.refresh_from_db()
    assert training.state == State.WITHDRAWN
    # and enters it again as it should have been
    assert entered(client, coordinator, official).status_code == 302


def test_the_same_course_is_not_entered_twice(client, coordinator, official):
    entered(client, coordinator, official)
    response = entered(client, coordinator, official, title="Bồi dưỡng  quản lý nhà nước ngạch chuyên viên ")
    assert response.status_code == 400
    assert ExternalTraining.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"periods": "0"}, "periods"),
        ({"finished_on": "2019-01-01"}, "finished_on"),
        ({"scan": SimpleUploadedFile("chung-chi.pdf", b"MZ\x90\x00", "application/pdf")}, "scan"),
        ({"organiser": ""}, "organiser"),
    ],
)
def test_what_is_filled_in_wrongly_is_said_beside_its_field(client, coordinator, official, values, field):
    response = entered(client, coordinator, official, **values)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert not ExternalTraining.objects.exists()


def test_a_course_that_has_not_ended_is_not_entered(client, coordinator, official):
    tomorrow = str(timezone.localdate() + timedelta(days=1))
    response = entered(client, coordinator, official, finished_on=tomorrow)
    assert response.status_code == 400
    assert response.context["form"].non_field_errors()


def test_nobody_decides_on_the_own_training(client, coordinator, administrator, unit):
    post_official(
        person=administrator,
        unit=unit,
        valid_from=timezone.localdate(),
        actor=None,
        now=timezone.now(),
    )
    entered(client, coordinator, administrator)
    training = ExternalTraining.objects.get()
    client.force_login(administrator)
    client.post(reverse("courses:external_approve", args=[training.pk]))
    training.refresh_from_db()
    assert training.state == State.SUBMITTED


def test_the_scan_is_given_to_who_reads_the_entry_and_to_nobody_by_its_path(client, coordinator, official):
    entered(client, coordinator, official)
    training = ExternalTraining.objects.get()
    url = reverse("courses:external_scan", args=[training.pk])
    assert b"".join(client.get(url).streaming_content) == PDF
    client.force_login(make_person(unit=make_unit(), roles=[Role.COORDINATOR]))
    assert client.get(url).status_code == 404
    assert client.get(f"/media/{training.scan.name}").status_code == 404


def test_the_old_coordinators_view_ends_on_the_day_the_official_moves(client, coordinator, official):
    training = enter_training(official, actor=coordinator)
    elsewhere = make_unit("Vụ Kế hoạch")
    new_coordinator = make_person(unit=elsewhere, roles=[Role.COORDINATOR])
    urls = [
        reverse("courses:person_record", args=[official.pk]),
        reverse("courses:external_training", args=[training.pk]),
    ]
    client.force_login(new_coordinator)
    assert [client.get(url).status_code for url in urls] == [404, 404]
    post_official(
        person=official, unit=elsewhere, valid_from=timezone.localdate(), actor=None, now=timezone.now()
    )
    assert [client.get(url).status_code for url in urls] == [200, 200]
    client.force_login(coordinator)
    assert [client.get(url).status_code for url in urls] == [404, 404]
    training.refresh_from_db()
    assert training.unit != elsewhere  # what was done stays with the unit of its day


def test_the_list_shows_a_unit_its_own_in_constant_queries(
    client, coordinator, unit, django_assert_max_num_queries
):
    for _ in range(12):
        enter_training(make_person(unit=unit), actor=coordinator)
    stranger_unit = make_unit()
    enter_training(
        make_person(unit=stranger_unit), actor=make_person(unit=stranger_unit, roles=[Role.COORDINATOR])
    )
    client.force_login(coordinator)
    with django_assert_max_num_queries(15):
        page = client.get(reverse("courses:external_trainings"))
    assert page.context["page_obj"].paginator.count == 12
    found = client.get(reverse("courses:external_trainings"), {"state": "approved"})
    assert found.context["page_obj"].paginator.count == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told_so():
    unit = make_unit()
    training = enter_training(make_person(unit=unit), actor=make_person(unit=unit, roles=[Role.COORDINATOR]))
    school = make_unit()
    deciders = [make_person(unit=school, roles=[Role.SCHOOL_ADMINISTRATOR]) for _ in range(2)]
    barrier, outcomes = Barrier(2), []

    def decide(actor) -> None:
        mine = ExternalTraining.objects.get(pk=training.pk)
        barrier.wait()
        try:
            approve_external_training(training=mine, actor=actor, now=timezone.now())
        except TrainingDecided:
            outcomes.append("too late")
        else:
            outcomes.append("approved")
        finally:
            connection.close()

    threads = [Thread(target=decide, args=[actor]) for actor in deciders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "too late"]
    assert AuditEvent.objects.filter(action="external_training.approved").count() == 1
