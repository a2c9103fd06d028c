"""Surveys and polls for tests, made and answered by the real services."""

from datetime import date, datetime
from itertools import count

from django.utils import timezone

from assessments.models import Poll, Survey, SurveyParticipation, SurveyRun
from assessments.services.polls import create_poll, open_poll
from assessments.services.surveys import answer_survey, open_survey, put_survey
from courses.models import Enrolment, Run
from lms.users.models import User

from .courses import make_enrolment
from .organisations import make_person, make_unit

_numbers = count(1)
INDICATORS = [
    {"heading": "Nội dung", "heading_en": "Content", "text": "Nội dung sát công việc", "text_en": "The content fits the work"},
    {"text": "Tài liệu dễ hiểu", "text_en": "The material is clear"},
    {"heading": "Giảng viên", "heading_en": "Trainers", "text": "Giảng viên nhiệt tình", "text_en": "The trainers are committed"},
    {"text": "Mức độ hài lòng chung", "text_en": "Overall satisfaction", "kind": "likert10"},
    {"text": "Góp ý thêm", "text_en": "Remarks", "kind": "text"},
]  # fmt: skip


def make_survey(*, indicators: list[dict] | None = None, **about) -> Survey:
    """Four indicators in two groups and a free text, unless others are given."""
    number = next(_numbers)
    return put_survey(
        number=f"M{number:03}",
        title=f"Phiếu khảo sát {number}",
        indicators=INDICATORS if indicators is None else indicators,
        actor=None,
        now=timezone.now(),
        **about,
    )


def open_for(
    run: Run,
    *,
    survey: Survey | None = None,
    opens_on: date | None = None,
    closes_on: date | None = None,
    is_required: bool = False,
    now: datetime | None = None,
    **about,
) -> SurveyRun:
    """A survey open to the class from its first to its last day."""
    return open_survey(
        survey=survey or make_survey(**about),
        run=run,
        opens_on=opens_on or run.opens_on,
        closes_on=closes_on or run.closes_on,
        is_required=is_required,
        actor=None,
        now=now or timezone.now(),
    )


def make_learners(run: Run, number: int) -> list[User]:
    """So many learners studying in the run, of one unit."""
    unit = make_unit()
    return [
        make_enrolment(run=run, learner=make_person(unit=unit), state=Enrolment.State.IN_PROGRESS).learner
        for _ in range(number)
    ]


def send(
    opening: SurveyRun, person: User, values: list[str], *, now: datetime | None = None
) -> SurveyParticipation:
    """One sheet; ``values`` stand in the order of the form, "" for unanswered."""
    answers = {str(number): value for number, value in enumerate(values, start=1)}
    return answer_survey(opening=opening, answers=answers, actor=person, now=now or timezone.now())


def make_poll(run: Run, *, is_open: bool = True, **about) -> Poll:
    """A poll with three choices, open unless it shall not be."""
    poll = create_poll(
        run=run,
        question=f"Câu hỏi nhanh {next(_numbers)}?",
        choices=["Có", "Không", "Chưa rõ"],
        actor=None,
        now=timezone.now(),
        **about,
    )
    if is_open:
        open_poll(poll=poll, actor=None, now=timezone.now())
    return poll
