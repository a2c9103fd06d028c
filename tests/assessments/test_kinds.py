"""Every kind of question on its way from the bank to the review: asked, kept, marked, and silent about its key until then."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.gaps import Gap, read_gaps, write_gaps
from assessments.models import Attempt, Question, Quiz
from assessments.question_content import (
    Row,
    Words,
    content_of,
    frozen_order,
    keeps_order,
    units_of,
    without_ids,
)
from assessments.scoring import CHOSEN, SLOTTED, TYPED, right_slots, score
from assessments.services.attempts import save_answer, submit_attempt
from assessments.services.grading import recompute_score
from assessments.services.question_faults import find_faults
from assessments.services.quizzes import put_quiz
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_category, make_learner_of, make_question
from tests.factories.courses import make_course
from tests.factories.kinds import SAMPLES, right_answer
from tests.factories.organisations import make_person, make_unit

from .test_banks import admin_url, question_fields

pytestmark = pytest.mark.django_db
SCORED = sorted(CHOSEN | TYPED | SLOTTED)


class Sitting:
    """A signed-in browser with an open attempt at a quiz of one question."""

    def __init__(self, kind: str):
        category = make_category()
        self.question = SAMPLES[kind].make(category)
        module = make_course(modules=1, lessons=1).get_children().get().specific
        self.quiz = put_quiz(
            module=module, title="Một câu", draws=[(category, "", 1)], actor=None, now=timezone.now()
        )
        enrolment = make_learner_of(self.quiz)
        self.client = Client()
        self.client.force_login(enrolment.learner, backend=settings.AUTHENTICATION_BACKENDS[0])
        self.client.post(
            reverse("assessments:start", kwargs={"quiz_id": self.quiz.pk, "enrolment_id": enrolment.pk})
        )
        self.attempt = Attempt.objects.get(enrolment=enrolment)
        self.opened = self.client.post(self.url("open_tab"))

    def url(self, name: str, **more) -> str:
        return reverse(f"assessments:{name}", kwargs={"public_id": self.attempt.public_id, **more})

    def page(self, name: str) -> str:
        return self.client.get(self.url(name)).content.decode()

    @property
    def row(self):
        return self.attempt.questions.select_related("version").get()

    def save(self, answer, sequence: int = 1):
        fields = {
            "answer": json.dumps(answer),
            "sequence": sequence,
            "tab_token": self.opened.json()["tab_token"],
        }
        return self.client.post(self.url("save_answer", position=1), fields)

    def hand_in(self) -> str:
        done = self.client.post(self.url("submit"), follow=True)
        self.attempt.refresh_from_db()
        return done.content.decode()


# --- From the bank to the review -------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", SCORED)
def test_a_right_answer_is_kept_shown_again_and_earns_the_whole_mark(kind):
    sitting = Sitting(kind)
    answer = right_answer(sitting.row)
    assert sitting.save(answer).status_code == 200
    assert sitting.row.answer == answer
    again = sitting.client.post(sitting.url("open_tab")).json()["questions"][0]
    assert again["answer"] == answer and again["sequence"] == 1
    review = sitting.hand_in()
    assert sitting.attempt.score == 1 and sitting.attempt.passed
    assert recompute_score(sitting.attempt) == 1
    assert f"GIẢI THÍCH {kind}" in review


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_nothing_of_key_or_explanation_leaves_the_server_before_the_review(kind):
    sitting = Sitting(kind)
    answered = sitting.save(right_answer(sitting.row))
    texts = [
        sitting.page("attempt"),
        sitting.page("clock"),
        sitting.opened.content.decode(),
        answered.content.decode(),
    ]
    told = [*SAMPLES[kind].secrets, "GIẢI THÍCH", '"key"', '"rules"', "choice_feedback", "rubric", "is_right"]
    given = json.dumps(right_answer(sitting.row), ensure_ascii=False)
    for text in texts:
        # What the learner wrote may be read again; it is told apart by asking before anything was saved.
        assert [secret for secret in told if secret in text and secret not in given] == []
    assert not any(secret in sitting.opened.content.decode() for secret in SAMPLES[kind].secrets)


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_nothing_is_told_on_an_untouched_paper(kind):
    sitting = Sitting(kind)
    text = sitting.page("attempt") + sitting.opened.content.decode()
    assert not any(secret in text for secret in [*SAMPLES[kind].secrets, "GIẢI THÍCH"])


@pytest.mark.parametrize(
    ("kind", "shares", "chosen", "earned"),
    [
        ("single", [100, 60, 0], [1], "0.60"),
        ("multiple", [75, 25, -50], [0], "0.75"),
        ("multiple", [75, 25, -50], [0, 2], "0.25"),
    ],
)
def test_shares_of_the_mark_that_a_trainer_sets_count(kind, shares, chosen, earned):
    """From the bank through its version to the score."""
    category = make_category()
    choices = [(f"p{n}", share > 60, "", "", Decimal(share)) for n, share in enumerate(shares)]
    if kind == "multiple":
        choices = [(f"p{n}", share > 0, "", "", Decimal(share)) for n, share in enumerate(shares)]
    question = make_question(category, kind=kind, choices=choices)
    assert [row.percent for row in question.words.rows] == shares
    quiz = put_quiz(
        module=make_course(modules=1, lessons=1).get_children().get().specific,
        title="Tỷ lệ",
        draws=[(category, "", 1)],
        actor=None,
        now=timezone.now(),
    )
    attempt = begin(quiz, make_learner_of(quiz))
    row = attempt.questions.select_related("version").get()
    texts = {choice["text"]: choice["id"] for choice in row.version.content["choices"]}
    save_answer(
        attempt_id=attempt.public_id,
        position=1,
        answer={"choices": [texts[f"p{n}"] for n in chosen]},
        sequence=1,
        tab_token=attempt.tab_token,
        actor=attempt.enrolment.learner,
        now=timezone.now(),
    )
    assert submit_attempt(
        attempt=attempt, actor=None, now=attempt.accepts_until + timedelta(1)
    ).score == Decimal(earned)


BAD = {
    "single": [{"choices": ["x"]}, {"text": "a"}, {"fills": {}}],
    "true_false": [{"choices": "x"}, {"choices": [1]}],
    "multiple": [{"choices": ["x"]}, {}],
    "short": [{"text": 5}, {"fills": {}}],
    "number": [{"text": None}],
    "matching": [{"fills": []}, {"fills": {"x": "y"}}, {"choices": []}, {"text": "a"}],
    "ordering": [{"fills": {"x": "1"}}, {"fills": None}],
    "gaps": [{"fills": {"x": "a"}}, {"text": "a"}],
    "essay": [{"text": "x" * 20_001}, {"text": "a\0"}, {"choices": []}],
}


@pytest.mark.parametrize(("kind", "bad"), [(kind, bad) for kind, several in BAD.items() for bad in several])
def test_what_does_not_fit_the_question_is_refused_and_nothing_stored(kind, bad):
    sitting = Sitting(kind)
    assert sitting.save(bad).status_code == 400
    assert sitting.row.answer is None


@pytest.mark.parametrize("kind", ["matching", "ordering", "gaps"])
def test_a_slot_takes_only_what_it_offers(kind):
    sitting = Sitting(kind)
    slot = next(slot for slot, options in sitting.row.choice_order if options is not None)
    assert sitting.save({"fills": {slot: "nonsense"}}).status_code == 400
    assert sitting.save({"fills": {slot: ["1"]}}).status_code == 400


def test_a_slot_left_open_is_left_out_and_parts_earn_their_share():
    sitting = Sitting("ordering")
    key = sitting.row.version.content["key"]
    # An object's names have no order in PostgreSQL.
    first, second, third = sorted(key, key=key.__getitem__)
    assert sitting.save({"fills": {first: "1", second: "", third: "2"}}).status_code == 200
    assert sitting.row.answer == {"fills": {first: "1", third: "2"}}
    review = sitting.hand_in()
    assert sitting.attempt.score == Decimal("0.33") and "Đúng một phần" in review


def test_what_is_written_in_a_gap_is_compared_as_short_answers_are():
    sitting = Sitting("gaps")
    typed, chosen = (slot for slot, _options in sitting.row.choice_order)
    right = sitting.row.version.content["key"][chosen][0]
    sitting.save({"fills": {typed: "  đông   đô ", chosen: right}})
    sitting.hand_in()
    assert sitting.attempt.score == 1


def test_a_number_in_another_unit_is_the_same_number():
    sitting = Sitting("number")
    sitting.save({"text": "731.250 m"})
    review = sitting.hand_in()
    assert sitting.attempt.score == 1 and "731,25 km" in review


@pytest.mark.parametrize(
    ("text", "mark"),
    [("731,25", 1), ("731,25 km", 1), ("731,25KM", 1), ("731,25 m", 0), ("731,25 kg", 0), ("km", 0)],
)
def test_a_number_without_a_unit_is_taken_in_the_first_one_and_a_foreign_unit_is_wrong(text, mark):
    rules = {"units": list(units_of("km; m=0,001").items())}
    assert score("number", ["731.25"], {"text": text}, Decimal(1), rules) == mark


def test_what_was_said_of_a_choice_is_read_beside_it_when_it_was_chosen():
    sitting = Sitting("multiple")
    wrong = next(c["id"] for c in sitting.row.version.content["choices"] if c["text"] == "Vinh")
    sitting.save({"choices": [wrong]})
    assert "LỜI BÀN 2" in sitting.hand_in()
    other = Sitting("multiple")
    other.save(right_answer(other.row))
    assert "LỜI BÀN 2" not in other.hand_in()


# --- Order -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "last",
    [
        "Tất cả các phương án trên", "Cả ba đáp án trên đều đúng", "Không có đáp án nào đúng", "Cả A và B", "A và C đúng",
        "All of the above", "None of the above.", "Both a and b",
    ],
)  # fmt: skip
def test_choices_that_speak_of_the_others_keep_their_order(last):
    assert keeps_order(["Một", "Hai", last])
    content = content_of(
        Words("single", "?", [Row(text, text == last) for text in ["1", "2", "3", "4", "5", last]])
    )
    ids = [choice["id"] for choice in content["choices"]]
    assert all(frozen_order("single", content, shuffle=True) == ids for _ in range(5))


@pytest.mark.parametrize(
    "text", ["Cả nước", "Không", "Tất cả cán bộ, công chức", "All civil servants", "Cá nhân", "A"]
)
def test_other_choices_are_shuffled(text):
    assert not keeps_order(["Một", text])


def test_items_to_be_ordered_do_not_stand_in_their_order_of_writing_and_true_stands_before_false():
    rows = [Row(str(number)) for number in range(12)]
    content = content_of(Words("ordering", "?", rows))
    written = [slot["id"] for slot in content["slots"]]
    orders = [[slot for slot, _places in frozen_order("ordering", content, shuffle=False)] for _ in range(3)]
    assert any(order != written for order in orders) and all(
        sorted(order) == sorted(written) for order in orders
    )
    content = content_of(Words("true_false", "?", [Row("Đúng", True), Row("Sai")]))
    assert frozen_order("true_false", content, shuffle=True) == [
        choice["id"] for choice in content["choices"]
    ]


# --- Scoring ---------------------------------------------------------------------------------------------------
slots = st.integers(1, 8).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from("abcd"), min_size=n, max_size=n),
        st.lists(st.sampled_from("abcd "), min_size=n, max_size=n),
    )
)


@given(pair=slots, most=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal(3)]))
def test_of_several_slots_each_right_one_earns_its_share_and_all_or_nothing_is_just_that(pair, most):
    key = {str(n): [value] for n, value in enumerate(pair[0])}
    fills = {str(n): value.strip() for n, value in enumerate(pair[1])}
    right = sum(1 for slot in key if fills[slot] in key[slot])
    parts = score("matching", key, {"fills": fills}, most)
    assert (
        parts == (most * right / len(key)).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        and 0 <= parts <= most
    )
    assert right_slots(key, fills, {}) == {slot for slot in key if fills[slot] in key[slot]}
    whole = score("matching", key, {"fills": fills}, most, {"credit": "all"})
    assert whole == (most if right == len(key) else 0)
    turned = dict(reversed(key.items()))
    assert score("matching", turned, {"fills": dict(reversed(fills.items()))}, most) == parts


@given(pair=slots)
def test_rounded_parts_of_a_mark_never_miss_the_whole_by_more_than_their_rounding(pair):
    key = {str(n): [value] for n, value in enumerate(pair[0])}
    single = [
        score("gaps", key, {"fills": {slot: accepted[0]}}, Decimal(1)) for slot, accepted in key.items()
    ]
    assert abs(sum(single) - 1) <= Decimal("0.005") * len(key)


def test_all_or_nothing_of_several_right_choices():
    key = ["a", "b"]
    assert score("multiple", key, {"choices": ["a"]}, Decimal(1), {"credit": "all"}) == 0
    assert score("multiple", key, {"choices": ["a", "b"]}, Decimal(1), {"credit": "all"}) == 1


def test_what_a_person_marks_has_no_rule():
    with pytest.raises(LookupError):
        score("essay", ["x"], {"text": "y"}, Decimal(1))


# --- Writing ---------------------------------------------------------------------------------------------------
plain = st.text(
    st.characters(blacklist_characters="[]|*", blacklist_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=9
)
gap = st.builds(
    lambda forms, starred: Gap(
        [(form, i == 0 or not starred) for i, form in enumerate(forms)], starred and len(forms) > 1
    ),
    st.lists(plain, min_size=1, max_size=4, unique=True),
    st.booleans(),
).map(lambda g: g if g.is_chosen else Gap([(form, True) for form, _r in g.forms], False))


@given(pieces=st.lists(st.tuples(plain, gap), min_size=1, max_size=5), end=plain)
def test_a_text_with_gaps_is_read_as_it_was_written(pieces, end):
    words = [words for words, _gap in pieces] + [end]
    gaps = [gap for _words, gap in pieces]
    read = read_gaps(write_gaps(words, gaps))
    assert (read.words, read.gaps) == (words, gaps)


FAULTY = [
    ("true_false", "S", [Row("Đúng", True)], "choices"),
    ("true_false", "S", [Row("Đúng", True), Row("Sai", True)], "choices"),
    ("matching", "S", [Row("a", match="1")], "choices"),
    ("matching", "S", [Row("a", match="1"), Row("b")], 1),
    ("matching", "S", [Row("a", match="1"), Row("a", match="2")], 1),
    ("matching", "S", [Row("a", match="1"), Row("b", match="1")], "choices"),
    ("ordering", "S", [Row("a")], "choices"),
    ("ordering", "S", [Row("a"), Row("A")], 1),
    ("gaps", "Không có chỗ trống", [], "stem"),
    ("gaps", "Trống [[ ]]", [], "stem"),
    ("gaps", "Lặp [[a|A]]", [], "stem"),
    ("gaps", "Toàn đúng [[*a|*b]]", [], "stem"),
    ("gaps", "Có [[a]]", [Row("thừa")], "choices"),
    ("essay", "S", [Row("Tiêu chí", match="nhiều")], 0),
    ("essay", "S", [Row("Tiêu chí", match="0")], 0),
    ("essay", " ", [], "stem"),
]


@pytest.mark.parametrize(("kind", "stem", "rows", "place"), FAULTY)
def test_what_cannot_be_asked_is_told_at_its_place(kind, stem, rows, place):
    assert place in [fault.place for fault in find_faults(Words(kind, stem, rows))]


@pytest.mark.parametrize("units", ["km; m", "km; m=0", "km; m=-1", "km; km=1", "km2; m=1", ";=3", "km; m=x"])
def test_units_that_cannot_be_read_are_refused(units):
    words = Words("number", "?", [Row("1", True)], units=units)
    assert [fault.place for fault in find_faults(words)] == ["units"]


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_the_same_words_make_the_same_version_and_other_words_another(kind):
    category = make_category()
    question = SAMPLES[kind].make(category)
    first = question.current_version_id
    SAMPLES[kind].make(category, code=question.code)
    assert Question.objects.get(pk=question.pk).current_version_id == first
    question.stem = question.stem.replace(".", "?") + " Nữa"
    question.save()
    again = content_of(question.words)
    assert without_ids(again) != without_ids(question.current_version.content)


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_trainer_writes_each_kind_in_the_cms_and_sees_it_as_learners_will(kind):
    client = Client()
    client.force_login(make_person(unit=make_unit(), roles=[Role.TRAINER]))
    sample = SAMPLES[kind]
    fields = question_fields(make_category(), choices=[], kind=kind, stem=sample.stem, **sample.more)
    fields["choices-TOTAL_FORMS"] = str(len(sample.choices))
    for number, (text, *more) in enumerate(sample.choices):
        right, match, said = [*more, *[False, "", ""][len(more) :]]
        fields |= {
            f"choices-{number}-text": text,
            f"choices-{number}-match": match,
            f"choices-{number}-feedback": said,
        }
        fields |= {f"choices-{number}-ORDER": number + 1, f"choices-{number}-id": ""}
        if right:
            fields[f"choices-{number}-is_correct"] = "on"
    reply = client.post(admin_url("question", "add"), fields)
    assert reply.status_code == 302, reply.context["form"].errors
    question = Question.objects.get()
    made = SAMPLES[kind].make(make_category())
    expected = without_ids(made.current_version.content) | {"feedback": ""}
    assert without_ids(question.current_version.content) == expected
    preview = question.make_preview_request().content.decode()
    assert not any(secret in preview for secret in sample.secrets)


def test_two_questions_of_every_kind_can_be_drawn_into_one_quiz():
    category = make_category()
    for sample in SAMPLES.values():
        sample.make(category)
    module = make_course(modules=1, lessons=1).get_children().get().specific
    quiz = put_quiz(
        module=module, title="Đủ", draws=[(category, "", len(SAMPLES))], actor=None, now=timezone.now()
    )
    assert Quiz.objects.get(pk=quiz.pk).question_count == len(SAMPLES)
