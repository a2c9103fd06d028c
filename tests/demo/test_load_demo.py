"""``manage.py load_demo`` fills an empty installation, and a second run changes nothing."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Max
from django.test import override_settings
from django.utils import timezone

from assessments.models import Attempt, Question, Quiz
from assessments.services.grading import recompute_score
from certificates.models import Certificate
from courses.models import (
    CoursePage,
    Criterion,
    Enrolment,
    ExternalTraining,
    LessonPage,
    LessonProgress,
    ModulePage,
    Run,
)
from courses.steps import count_done, required_steps
from lms.core.audit_words import known_actions
from lms.core.models import AuditEvent
from lms.demo.loader.people import DEMO_PASSWORD
from lms.organisations.access import Access
from lms.organisations.models import Posting, Role, RoleGrant, UnitEvent
from lms.organisations.structure import Structure
from lms.reporting.queries import Scope, completion_by_unit
from lms.users.models import User

# One process loads the world, not each of them.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo world")]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """The demo world, loaded once for this module inside a transaction that is taken back at its end."""
    folder = tmp_path_factory.mktemp("media")
    private = settings.STORAGES["private"] | {
        "OPTIONS": {"location": str(folder / "private"), "base_url": None}
    }
    storages = settings.STORAGES | {"private": private}
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=folder, STORAGES=storages),
        transaction.atomic(),
    ):
        load()
        yield
        transaction.set_rollback(True)


def load(*options: str) -> str:
    out = StringIO()
    call_command("load_demo", *options, stdout=out)
    return out.getvalue()


def rows_of_every_table() -> dict[str, tuple[int, str]]:
    """Number and digest of the rows of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.django_table_names(only_existing=True)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def test_a_second_load_changes_nothing(world):
    first = rows_of_every_table()
    load()
    second = rows_of_every_table()
    assert {table for table, row in second.items() if first[table] != row} == set()


def test_the_demo_world_is_whole(world):
    then = Structure.on(date(2019, 5, 31))
    ministry = next(unit for unit in then.units.values() if unit.code == "MOLISA")
    assert len(then.units) == 49
    assert sum(unit.parent_id == ministry.pk for unit in then.units.values()) == 34
    assert User.objects.count() == 121
    assert Posting.objects.filter(person__role_grants=None).values("person").distinct().count() == 80
    assert RoleGrant.objects.filter(role=Role.COORDINATOR).values("unit").distinct().count() == 34
    assert {role for role, _label in Role.choices} == set(RoleGrant.objects.values_list("role", flat=True))
    for language in ("vi", "en"):
        assert CoursePage.objects.live().filter(locale__language_code=language).count() == 4
        assert ModulePage.objects.live().filter(locale__language_code=language).count() == 9
        assert LessonPage.objects.live().filter(locale__language_code=language).count() == 45
    for lesson in LessonPage.objects.filter(locale__language_code="vi"):
        assert len(lesson.body) > 5
        assert lesson.folded_text
        translation = lesson.get_translations().get().specific
        assert translation.title != lesson.title
        assert translation.summary
        assert not translation.body
    programme = CoursePage.objects.get(code="CCHC-CNTT", locale__language_code="vi")
    assert programme.periods == 40
    assert [link.person.staff_code for link in programme.trainer_links.all()] == ["TDTBD004", "TDTBD005"]
    assert AuditEvent.objects.filter(action="person.created").count() == 121


@pytest.mark.parametrize(
    ("address", "menu"),
    [
        ("/", ["Khóa học", "Tin tức", "Hướng dẫn sử dụng", "Giới thiệu", "Kiểm tra chứng chỉ"]),
        ("/en/", ["Courses", "News", "Help", "About", "How certificates are verified"]),
    ],
)
def test_the_menu_begins_with_the_courses_and_the_footer_goes_on_in_the_same_order(
    client, world, address, menu
):
    context = client.get(address).context
    assert [item["title"] for item in context["main_menu"]] == menu
    assert [item["title"] for item in context["footer_menu"]][: len(menu)] == menu


def test_banks_and_quizzes_are_whole_and_are_criteria_of_their_courses(world):
    assert (
        Question.objects.filter(status=Question.Status.READY, current_version__isnull=False).count() >= 6 * 22
    )
    assert Quiz.objects.filter(is_active=True).count() == 9
    assert Criterion.objects.filter(kind="quiz", is_active=True).count() == 9
    for quiz in Quiz.objects.prefetch_related("draws"):
        assert quiz.title_en
        assert quiz.question_count >= 10


def states_of(code: str) -> dict[str, int]:
    rows = Enrolment.objects.filter(run__code=code).values_list("state", flat=True)
    return dict(Counter(rows))


def test_the_class_of_2019_is_read_under_the_ministry_of_then_and_those_of_now(world):
    run = Run.objects.get(code="CCHC-2019.05")
    today = timezone.localdate()
    reader = Access(grants=((Role.MINISTRY_READER, ""),))
    asked = {"scope": Scope(run_id=run.pk), "as_at": today, "access": reader}
    then = completion_by_unit(structure_day=date(2019, 5, 31), **asked)
    now = completion_by_unit(structure_day=today, **asked)
    assert [row.unit.code for row in then.tops] == ["MOLISA"] and then.total.participations == 80
    assert {row.unit.code for row in now.tops} == {"BNV", "BGDDT", "BYT"}
    assert sum(row.participations for row in now.tops) == now.total.participations == 80
    assert (then.total.completed, then.total.persons) == (now.total.completed, now.total.persons) == (66, 80)
    unconfirmed = UnitEvent.objects.filter(to_confirm=True)
    assert unconfirmed.count() == 5 and all(event.note for event in unconfirmed)


def test_the_class_of_2019_ended_as_told(world):
    run = Run.objects.get(code="CCHC-2019.05")
    assert run.state == Run.State.FINISHED
    assert states_of(run.code) == {"completed": 66, "in_progress": 10, "enrolled": 3, "withdrawn": 1}
    rows = Enrolment.objects.filter(run=run)
    assert rows.values("unit__path").distinct().count() >= 34
    assert not rows.filter(completed_at__date__gt=run.closes_on).exists()
    assert not LessonProgress.objects.filter(
        enrolment__run=run, completed_at__date__gt=run.closes_on
    ).exists()
    assert rows.overdue(on=timezone.localdate()).count() == 13
    again = Attempt.objects.filter(enrolment__run=run, number=2, passed=True)
    assert again.filter(enrolment__state="completed").count() == 9
    assert Attempt.objects.filter(enrolment__run=run, number=3, passed=False).count() == 2
    certificates = Certificate.objects.filter(run=run)
    assert certificates.count() == 66
    assert list(certificates.order_by("number").values_list("number", flat=True)) == list(range(1, 67))
    assert not certificates.without_file().exists()
    assert all(certificate.issued_on == run.closes_on for certificate in certificates)


def test_classes_of_today_are_open_with_some_late_and_some_to_come(world):
    today = timezone.localdate()
    assert Run.objects.open_for_enrolment(on=today).count() == 1
    assert set(Run.objects.open_for_nomination(on=today).values_list("code", flat=True)) >= {"CCHC-K3"}
    late = Enrolment.objects.filter(run__state=Run.State.OPEN).overdue(on=today)
    assert late.count() == 8
    assert states_of("CCHC-K3")["nominated"] == 12
    moments = (
        Enrolment.objects.aggregate(last=Max("completed_at"))["last"],
        LessonProgress.objects.aggregate(last=Max("completed_at"))["last"],
    )
    assert all(moment < timezone.now() for moment in moments)


def test_history_is_as_the_services_would_have_written_it(world):
    """Steps, scores and events agree with each other, wherever they were written as sets."""
    for enrolment in Enrolment.objects.exclude(state__in=["nominated", "enrolled"]).select_related(
        "run__course"
    ):
        assert enrolment.steps_done == count_done(enrolment, required_steps(enrolment.run.course))
        assert (enrolment.steps_done == enrolment.steps_total) == (enrolment.state == "completed")
    for attempt in Attempt.objects.order_by("pk")[::25]:
        assert recompute_score(attempt) == attempt.score
    counted = dict(AuditEvent.objects.values_list("action").annotate(Count("pk")).order_by())
    assert counted["lesson.completed"] == LessonProgress.objects.filter(completed_at__isnull=False).count()
    assert counted["enrolment.started"] == Enrolment.objects.filter(started_at__isnull=False).count()
    assert counted["enrolment.completed"] == Enrolment.objects.filter(state="completed").count()
    assert counted["attempt.submitted"] == Attempt.objects.count()


def test_a_trainers_edit_survives_the_next_load(world):
    lesson = LessonPage.objects.filter(locale__language_code="vi").first()
    lesson.title = "Bài đã sửa"
    lesson.save_revision().publish()
    load()
    lesson.refresh_from_db()
    assert lesson.title == "Bài đã sửa"


def test_demo_accounts_names_one_account_of_each_role_that_can_sign_in(world):
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    lines = out.getvalue().splitlines()[2:]
    assert len(lines) == 7
    for line in lines:
        email = next(word for word in line.split() if "@" in word)
        assert User.objects.get(email=email).check_password(DEMO_PASSWORD)
        assert DEMO_PASSWORD in line


def test_demo_accounts_says_what_to_do_before_there_is_a_world(world):
    User.objects.all().update(is_active=False)
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    assert "load_demo" in out.getvalue()


def test_training_taken_elsewhere_waits_is_approved_or_declined_with_a_reason(world):
    states = Counter(ExternalTraining.objects.values_list("state", flat=True))
    assert states == {"approved": 2, "submitted": 2, "declined": 1}
    assert ExternalTraining.objects.get(state="declined").reason
    coordinators = set(RoleGrant.objects.filter(role=Role.COORDINATOR).values_list("person", flat=True))
    assert set(ExternalTraining.objects.values_list("entered_by", flat=True)) <= coordinators
    assert all(training.scan.name.endswith(".pdf") for training in ExternalTraining.objects.all())


def test_every_action_of_the_demo_has_its_words(world):
    assert set(AuditEvent.objects.values_list("action", flat=True).distinct()) <= known_actions().keys()
