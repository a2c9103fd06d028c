"""Nobody joins an anonymous answer and a person; one answer per person, also at one moment."""

import json
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from assessments.models import SurveyParticipation, SurveyResponse
from assessments.services import surveys as services
from courses.models import CriterionResult
from lms.core.models import AuditEvent
from lms.users.holdings import relations_to_people, sheets_of
from lms.users.models import User
from tests.assessments.test_races import together
from tests.factories.courses import make_course, make_run
from tests.factories.surveys import make_learners, open_for, send

FULL = ["5", "4", "3", "8"]


def rows_of_all_tables() -> Iterator[tuple[str, dict]]:
    """Every row the database holds, as plain values."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield table, dict(zip(names, row, strict=True))


def texts(row: dict) -> str:
    return json.dumps(row, default=str, ensure_ascii=False)


def marks_of(response: SurveyResponse) -> list[str]:
    return [response.pk.hex, str(response.pk), "ĐIỀU CHỈ NGƯỜI NÀY VIẾT"]


@pytest.mark.django_db
def test_no_row_of_any_table_leads_from_an_answer_to_a_person():
    run = make_run(course=make_course(modules=1, lessons=1))
    learners = make_learners(run, 6)
    opening = open_for(run, is_required=True)
    for person in learners[:5]:
        send(opening, person, FULL)
    send(opening, learners[5], [*FULL, "ĐIỀU CHỈ NGƯỜI NÀY VIẾT"])
    told = next(row for row in SurveyResponse.objects.all() if "5" in row.answers)
    holding = [
        (table, row)
        for table, row in rows_of_all_tables()
        if any(mark in texts(row) for mark in marks_of(told))
    ]
    assert {table for table, _row in holding} == {SurveyResponse._meta.db_table}
    [(_table, row)] = holding
    assert set(row) == {"id", "survey_run_id", "participation_id", "answers", "is_valid"}
    assert row["participation_id"] is None
    # The trail and the course know that it was answered, and nothing of what.
    events = AuditEvent.objects.filter(action="survey.answered")
    assert events.count() == 6 and {json.dumps(event.data) for event in events} == {"{}"}
    assert set(CriterionResult.objects.values_list("evidence", flat=True)) == {""}
    handed_out = [cell for sheet in sheets_of(learners[5]) for line in sheet.rows for cell in line]
    assert "ẩn danh" in handed_out and "ĐIỀU CHỈ NGƯỜI NÀY VIẾT" not in handed_out


def test_answers_have_no_time_no_number_and_no_relation_to_people():
    names = {field.get_internal_type() for field in SurveyResponse._meta.concrete_fields}
    assert names == {"UUIDField", "ForeignKey", "OneToOneField", "JSONField", "BooleanField"}
    assert SurveyParticipation._meta.pk.get_internal_type() == "UUIDField"
    assert SurveyParticipation._meta.get_field("answered_on").get_internal_type() == "DateField"
    leading = {relation.rpartition(".")[0] for relation in relations_to_people(User)}
    assert "assessments.SurveyResponse" not in leading
    pointing = [
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is SurveyResponse
    ]
    assert pointing == []


def places_of_the_last(monkeypatch=None) -> set[int]:
    """Where the newest sheet lies among six in the order of the table, over many classes."""
    places = set()
    course = make_course(modules=1, lessons=1)
    for _ in range(12):
        run = make_run(course=course)
        opening = open_for(run)
        for number, person in enumerate(make_learners(run, 6), start=1):
            send(opening, person, [*FULL, f"phiếu {number}"])
        with connection.cursor() as cursor:
            place = "rowid" if connection.vendor == "sqlite" else "ctid"
            cursor.execute(
                f"SELECT answers FROM {SurveyResponse._meta.db_table} WHERE survey_run_id = %s ORDER BY {place}",
                [opening.pk],
            )
            order = [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in cursor.fetchall()]
        places.add([answers["5"] for answers in order].index("phiếu 6"))
    return places


@pytest.mark.django_db
def test_the_place_of_a_row_in_the_table_does_not_tell_when_it_came():
    assert len(places_of_the_last()) > 1


@pytest.mark.django_db
def test_control_without_mixing_the_last_row_would_be_the_last_answer(monkeypatch):
    monkeypatch.setattr(services, "MIXED_WITH", 0)
    assert places_of_the_last() == {5}


@pytest.mark.django_db
def test_mixing_loses_no_sheet_and_invents_none():
    run = make_run(course=make_course(modules=1, lessons=1))
    opening = open_for(run)
    for number, person in enumerate(make_learners(run, 9), start=1):
        send(opening, person, [*FULL, f"phiếu {number}"])
    kept = sorted(answers["5"] for answers in SurveyResponse.objects.values_list("answers", flat=True))
    assert kept == [f"phiếu {number}" for number in range(1, 10)]


# --- At one moment ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_eight_sheets_of_one_person_at_one_moment_keep_one():
    run = make_run(course=make_course(modules=1, lessons=1))
    person, opening = make_learners(run, 1)[0], open_for(run)
    results = together(*[lambda: send(opening, person, FULL)] * 8)
    assert sum(isinstance(result, SurveyParticipation) for result in results) == 1
    assert sum(isinstance(result, services.AlreadyAnswered) for result in results) == 7
    assert SurveyResponse.objects.count() == SurveyParticipation.objects.count() == 1
    assert AuditEvent.objects.filter(action="survey.answered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_people_of_one_class_answering_at_one_moment_are_all_kept():
    run = make_run(course=make_course(modules=1, lessons=1))
    opening = open_for(run)
    answers = [lambda person=person: send(opening, person, FULL) for person in make_learners(run, 6)]
    assert not [result for result in together(*answers) if isinstance(result, Exception)]
    assert SurveyResponse.objects.count() == SurveyParticipation.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_one_person_would_answer_twice(monkeypatch):
    run = make_run(course=make_course(modules=1, lessons=1))
    person, opening = make_learners(run, 1)[0], open_for(run)
    [constraint] = SurveyParticipation._meta.constraints
    # SQLite makes the table anew with what the model says.
    monkeypatch.setattr(SurveyParticipation._meta, "constraints", [])
    with connection.schema_editor() as editor:
        editor.remove_constraint(SurveyParticipation, constraint)
    try:
        together(*[lambda: send(opening, person, FULL)] * 2)
        assert SurveyResponse.objects.count() == 2
    finally:
        SurveyResponse.objects.all().delete()
        SurveyParticipation.objects.all().delete()
        monkeypatch.undo()
        with connection.schema_editor() as editor:
            editor.add_constraint(SurveyParticipation, constraint)


@pytest.mark.django_db
def test_a_second_sheet_is_refused_without_a_trace():
    run = make_run(course=make_course(modules=1, lessons=1))
    person, opening = make_learners(run, 1)[0], open_for(run)
    send(opening, person, FULL)
    with pytest.raises(services.AlreadyAnswered):
        send(opening, person, ["1"] * 4, now=timezone.now())
    assert SurveyResponse.objects.get().answers["1"] == 5
