"""Polls: one question to a class, a code on the wall, one vote each, results as they come."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Poll, PollVote
from assessments.services import polls as services
from assessments.services.polls import cast_vote, close_poll, counts_of, create_poll
from assessments.views import polls as pages
from courses.models import Run, RunTrainer
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.assessments.test_races import together
from tests.factories.courses import lessons_of, make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit
from tests.factories.surveys import make_learners, make_poll

pytestmark = pytest.mark.django_db


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def run() -> Run:
    return make_run(course=make_course(modules=1, lessons=1))


@pytest.fixture
def trainer(run):
    person = make_person(unit=make_unit(), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=person)
    return person


def page_of(poll: Poll) -> str:
    return reverse("assessments:vote", kwargs={"join_code": poll.join_code})


def wall_of(poll: Poll, name: str = "poll") -> str:
    return reverse(f"assessments:{name}", kwargs={"code": poll.run.code, "pk": poll.pk})


def said(response) -> str:
    return response.content.decode()


def test_a_trainer_makes_opens_shows_and_closes_a_poll(run, trainer):
    client = browser_of(trainer)
    made = client.post(
        reverse("assessments:run_polls", kwargs={"code": run.code}),
        {"question": "Đã cài chữ ký số?", "choices": "Rồi\n\nChưa\n", "is_anonymous": "on"},
    )
    poll = Poll.objects.get()
    assert made.url == wall_of(poll) and [row["text"] for row in poll.choices] == ["Rồi", "Chưa"]
    assert (poll.state, poll.is_anonymous, poll.allows_guests, poll.allows_change) == (
        "draft",
        True,
        False,
        False,
    )
    for act, state, shows in [
        ("open", "open", False),
        ("show", "open", True),
        ("hide", "open", False),
        ("close", "closed", False),
    ]:
        assert client.post(wall_of(poll, "change_poll"), {"act": act}).status_code == 302
        poll.refresh_from_db()
        assert (poll.state, poll.shows_results) == (state, shows)
    actions = AuditEvent.objects.filter(object_type="assessments.poll", actor=trainer).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "poll.created", "poll.opened", "poll.results_shown", "poll.results_hidden", "poll.closed"
    ]  # fmt: skip
    wall = said(client.get(wall_of(poll)))
    assert (
        poll.join_code in wall
        and "<svg" in wall
        and "style=" not in wall.split('class="poll__qr"')[1].split("</div>")[0]
    )


@pytest.mark.parametrize("choices", [["Một"], ["Có", "Có"], [str(n) for n in range(11)], []])
def test_a_poll_has_two_to_ten_different_choices(run, choices):
    with pytest.raises(services.PollInvalid):
        create_poll(run=run, question="Hỏi?", choices=choices, actor=None, now=timezone.now())


def test_one_types_the_code_and_votes_and_changes_the_vote(run):
    poll, client = make_poll(run), browser_of(make_learners(run, 1)[0])
    typed = poll.join_code[:3].lower() + " " + poll.join_code[3:]
    joined = client.post(reverse("assessments:join_poll"), {"code": typed})
    assert joined.url == page_of(poll)
    assert client.post(joined.url, {"choice": "1"}).status_code == 302
    assert client.post(joined.url, {"choice": "3"}).status_code == 302
    vote = PollVote.objects.get()
    assert (vote.choice, vote.person) == ("3", None)
    assert 'value="3" required checked' in said(client.get(joined.url))
    client.post(joined.url, {"choice": "9"})
    assert PollVote.objects.get().choice == "3"


def test_a_wrong_code_and_a_draft_are_not_found(run):
    draft, client = make_poll(run, is_open=False), Client()
    for code in ("KHONGCO", draft.join_code):
        assert client.post(reverse("assessments:join_poll"), {"code": code}).status_code == 422
    assert client.get(page_of(draft)).status_code == 404


def test_a_vote_that_may_not_be_changed_stays(run):
    poll, client = make_poll(run, allows_change=False), browser_of(make_learners(run, 1)[0])
    client.post(page_of(poll), {"choice": "1"})
    assert "không đổi được" in said(client.post(page_of(poll), {"choice": "2"}, follow=True))
    assert PollVote.objects.get().choice == "1"


def test_guests_vote_once_per_browser_where_the_trainer_allows_it(run):
    closed_to_guests, poll = make_poll(run), make_poll(run, allows_guests=True)
    guest, other = Client(), Client()
    assert guest.get(page_of(closed_to_guests)).status_code == 302
    for client, choice in [(guest, "1"), (guest, "2"), (other, "2")]:
        client.get(page_of(poll))
        client.post(page_of(poll), {"choice": choice})
    assert sorted(PollVote.objects.values_list("choice", flat=True)) == ["2", "2"]
    forged = Client()
    forged.cookies[pages.GUEST_COOKIE] = "ai-do:chu-ky"
    forged.post(page_of(poll), {"choice": "3"})
    assert PollVote.objects.count() == 3  # a cookie we did not sign is a new guest, not somebody else


def test_a_closed_poll_takes_no_vote(run):
    poll, client = make_poll(run), browser_of(make_learners(run, 1)[0])
    close_poll(poll=poll, actor=None, now=timezone.now())
    client.post(page_of(poll), {"choice": "1"})
    assert not PollVote.objects.exists()
    with pytest.raises(services.PollMoved):
        close_poll(poll=poll, actor=None, now=timezone.now())


def test_results_come_to_the_wall_and_to_voters_only_when_shown(run, trainer):
    poll = make_poll(run)
    for person, choice in zip(make_learners(run, 4), ["1", "1", "1", "2"], strict=True):
        cast_vote(poll=poll, choice=choice, person=person)
    part = browser_of(trainer).get(wall_of(poll, "poll_results"))
    assert [(row["votes"], row["share"]) for row in part.context["rows"]] == [(3, 75.0), (1, 25.0), (0, 0.0)]
    assert 'hx-trigger="every 2s"' in said(part)
    voter = browser_of(make_learners(run, 1)[0])
    voter.post(page_of(poll), {"choice": "2"})
    assert "rows" not in voter.get(page_of(poll)).context
    services.show_results(poll=poll, shows=True, actor=None, now=timezone.now())
    assert [row["votes"] for row in voter.get(page_of(poll)).context["rows"]] == [3, 2, 0]
    close_poll(poll=poll, actor=None, now=timezone.now())
    assert "hx-get" not in said(browser_of(trainer).get(wall_of(poll, "poll_results")))


def test_only_a_named_poll_keeps_who_voted(run):
    person = make_learners(run, 1)[0]
    secret, named = make_poll(run), make_poll(run, is_anonymous=False)
    votes = [cast_vote(poll=poll, choice="1", person=person) for poll in (secret, named)]
    assert [vote.person for vote in votes] == [None, person]
    assert votes[0].voter_key != votes[1].voter_key
    assert "Tên của anh/chị được lưu" in said(browser_of(person).get(page_of(named)))


def test_an_address_that_asks_too_often_is_slowed_down(run, monkeypatch):
    monkeypatch.setattr(pages, "REQUESTS_PER_MINUTE", 2)
    client = Client(REMOTE_ADDR="203.0.113.77")
    statuses = {
        client.post(reverse("assessments:join_poll"), {"code": "SAIMA"}).status_code for _ in range(5)
    }
    assert 429 in statuses


def test_the_wall_takes_the_same_queries_for_few_votes_and_for_many(
    run, trainer, django_assert_max_num_queries
):
    poll, client = make_poll(run), browser_of(trainer)
    for count in (1, 20):
        for person in make_learners(run, count):
            cast_vote(poll=poll, choice="1", person=person)
        client.get(wall_of(poll, "poll_results"))
        with django_assert_max_num_queries(10):
            client.get(wall_of(poll, "poll_results"))
    assert counts_of(poll)[0]["votes"] == 21


@pytest.mark.django_db(transaction=True)
def test_eight_votes_of_one_person_at_one_moment_are_one():
    run = make_run(course=make_course(modules=1, lessons=1))
    poll, person = make_poll(run), make_learners(run, 1)[0]
    results = together(*[lambda: cast_vote(poll=poll, choice="2", person=person)] * 8)
    assert not [result for result in results if isinstance(result, Exception)]
    assert PollVote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_one_person_would_vote_twice(monkeypatch):
    run = make_run(course=make_course(modules=1, lessons=1))
    poll, person = make_poll(run), make_learners(run, 1)[0]
    kept = list(PollVote._meta.constraints)
    unique = next(constraint for constraint in kept if constraint.name == "one_vote_per_poll_and_voter")
    monkeypatch.setattr(PollVote._meta, "constraints", [row for row in kept if row is not unique])
    with connection.schema_editor() as editor:
        editor.remove_constraint(PollVote, unique)
    try:
        together(*[lambda: cast_vote(poll=poll, choice="2", person=person)] * 2)
        assert PollVote.objects.count() == 2
    finally:
        PollVote.objects.all().delete()
        monkeypatch.undo()
        with connection.schema_editor() as editor:
            editor.add_constraint(PollVote, unique)


# --- In a lesson ----------------------------------------------------------------------------------------------
@pytest.fixture
def lesson(run):
    return lessons_of(run.course)[0]


def test_a_trainer_puts_a_poll_into_a_lesson_of_the_course_and_of_no_other(run, trainer, lesson):
    client = browser_of(trainer)
    other = lessons_of(make_course(modules=1, lessons=1))[0]
    asked = {"question": "Đã hiểu?", "choices": "Rồi\nChưa"}
    page = reverse("assessments:run_polls", kwargs={"code": run.code})
    assert client.post(page, asked | {"lesson": other.pk}).status_code == 422
    assert client.post(page, asked | {"lesson": lesson.pk}).status_code == 302
    assert Poll.objects.get().lesson == lesson
    assert lesson.title in said(client.get(page))
    with pytest.raises(services.LessonOfAnotherCourse):
        make_poll(run, lesson=other)


def test_learners_of_the_class_vote_below_the_text_and_come_back_to_it(run, lesson):
    poll, draft = make_poll(run, lesson=lesson), make_poll(run, lesson=lesson, is_open=False)
    elsewhere = make_poll(run)
    reader = browser_of(make_enrolment(run=run).learner)
    page = said(reader.get(lesson.get_url()))
    assert poll.question in page and draft.question not in page and elsewhere.question not in page
    back = f"{lesson.get_url()}#poll-{poll.pk}"
    assert f'name="back" value="{back}"' in page
    voted = reader.post(page_of(poll), {"choice": "2", "back": back})
    assert voted.url == back and PollVote.objects.get().choice == "2"
    services.show_results(poll=poll, shows=True, actor=None, now=timezone.now())
    assert "poll-results" in said(reader.get(lesson.get_url()))
    assert reader.post(page_of(poll), {"choice": "2", "back": "https://evil.example/"}).url == page_of(poll)


def test_another_class_of_the_course_does_not_see_the_poll(run, lesson):
    poll = make_poll(run, lesson=lesson)
    neighbour = browser_of(make_enrolment(run=make_run(course=run.course)).learner)
    assert poll.question not in said(neighbour.get(lesson.get_url()))


def test_polls_cost_a_lesson_page_the_same_however_many_there_are(run, lesson):
    reader = browser_of(make_enrolment(run=run).learner)

    def cost() -> int:
        reader.get(lesson.get_url())
        with CaptureQueriesContext(connection) as captured:
            reader.get(lesson.get_url())
        return len(captured)

    none = cost()
    make_poll(run, lesson=lesson)
    one = cost()
    make_poll(run, lesson=lesson)
    assert (one, cost()) == (none + 2, none + 2)
