"""Kinds of several parts, part marks and units in files of other systems, read as they were meant there."""

from decimal import Decimal

import pytest

from assessments.question_content import Row, Words, content_of
from assessments.question_files import READERS, Found, Refused
from assessments.scoring import score
from assessments.services.question_faults import find_faults


def only(text: str, file_format: str = "gift") -> Found | Refused:
    (question,) = READERS[file_format](text)
    return question


def xml(kind: str, inner: str, stem: str = "Câu hỏi?") -> Found | Refused:
    text = f'<questiontext format="html"><text><![CDATA[{stem}]]></text></questiontext>'
    return only(f'<quiz>\n<question type="{kind}">{text}{inner}</question></quiz>', "moodlexml")


def earned(question: Found, answer: dict) -> Decimal:
    """By the choices' words: what an answer to the question as it is kept here earns."""
    assert find_faults(question.words) == []
    content = content_of(question.words)
    if "choices" in answer:
        ids = {choice["text"]: choice["id"] for choice in content["choices"]}
        answer = {"choices": [ids[text] for text in answer["choices"]]}
    return score(question.words.kind, content["key"], answer, Decimal(1), content.get("rules"))


def test_gift_pairs_and_one_too_many():
    question = only("Ghép tên với việc. {\n=Bộ Nội vụ -> cải cách hành chính\n=Bộ Y tế -> y tế\n= -> thuế\n}")
    assert question.words == Words(
        "matching",
        "Ghép tên với việc.",
        [Row("Bộ Nội vụ", match="cải cách hành chính"), Row("Bộ Y tế", match="y tế"), Row("", match="thuế")],
    )
    assert find_faults(question.words) == []


def test_gift_essay():
    assert only("Viết một đoạn văn. {}").words == Words("essay", "Viết một đoạn văn.", [])


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Ai? {~%50%một nửa =đủ ~sai}", {"một nửa": "0.50", "đủ": "1.00", "sai": "0.00"}),
        ("Ai? {=đủ ~%33.33333%một phần}", {"đủ": "1.00", "một phần": "0.33"}),
    ],
)
def test_a_choice_that_earns_part_of_the_mark(text, answers):
    question = only(text)
    assert question.words.kind == "single"
    assert {text: str(earned(question, {"choices": [text]})) for text in answers} == answers


def test_several_choices_with_shares_of_their_own():
    question = only("Ai? {~%60%a ~%40%b ~%-50%c ~d}")
    given = [["a"], ["b"], ["a", "b"], ["a", "c"], ["c"], ["a", "b", "d"]]
    assert [earned(question, {"choices": chosen}) for chosen in given] == [
        Decimal(mark) for mark in ("0.60", "0.40", "1.00", "0.10", "0.00", "1.00")
    ]


def test_equal_shares_are_left_to_the_rule_of_this_platform():
    question = only("Ai? {~%50%a ~%50%b ~%-100%c}")
    assert [row.percent for row in question.words.rows] == [None] * 3
    thirds = only("Ai? {~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}")
    assert earned(thirds, {"choices": ["a", "b", "c"]}) == 1 and earned(thirds, {"choices": ["a", "d"]}) == 0


def test_shares_that_do_not_reach_the_whole_are_refused_when_kept():
    question = only("Ai? {~%60%a ~%30%b ~c}")
    assert [fault.place for fault in find_faults(question.words)] == ["choices"]


def test_written_answers_with_shares_and_numbers_nearer_and_less_near():
    short = only("Thủ đô? {=Hà Nội =%50%Thăng Long}")
    assert [earned(short, {"text": text}) for text in ("hà nội", "thăng long", "Huế")] == [
        1,
        Decimal("0.5"),
        0,
    ]
    year = only("Năm nào? {#=1822:0 =%50%1822:2}")
    assert [earned(year, {"text": text}) for text in ("1822", "1823", "1820", "1819")] == [
        1, Decimal("0.5"), Decimal("0.5"), 0,
    ]  # fmt: skip
    several = only("Mấy? {#=5:0 =7:1}")
    assert [earned(several, {"text": text}) for text in ("5", "5,5", "7,5", "6")] == [1, 0, 1, 1]


def test_what_is_said_of_a_choice_stays_beside_it_and_what_is_too_long_goes_into_the_explanation():
    long = "x" * 501
    question = only(f"Ai? {{=a#Đúng vậy. ~b#{long}}}")
    assert [row.feedback for row in question.words.rows] == ["Đúng vậy.", ""]
    assert question.words.feedback == f"• b: {long}"


def test_moodle_matching_essay_and_order():
    pairs = "".join(
        f"<subquestion><text>{a}</text><answer><text>{b}</text></answer></subquestion>"
        for a, b in [("ếch", "lưỡng cư"), ("mèo", "thú"), ("", "chim")]
    )
    matching = xml("matching", pairs)
    assert matching.words.rows == [
        Row("ếch", match="lưỡng cư"),
        Row("mèo", match="thú"),
        Row("", match="chim"),
    ]
    assert xml("essay", "<responseformat>editor</responseformat>").words == Words("essay", "Câu hỏi?", [])
    steps = "".join(f'<answer fraction="{n}"><text>bước {n}</text></answer>' for n in (1, 2, 3))
    assert [row.text for row in xml("ordering", steps).words.rows] == ["bước 1", "bước 2", "bước 3"]


def test_moodle_numbers_with_units_mean_the_same_here():
    units = (
        "<units><unit><multiplier>1</multiplier><unit_name>km</unit_name></unit>"
        "<unit><multiplier>1000</multiplier><unit_name>m</unit_name></unit></units>"
    )
    question = xml(
        "numerical", f'<answer fraction="100"><text>1.5</text><tolerance>0</tolerance></answer>{units}'
    )
    assert question.words.units == "km; m=0,001"
    assert earned(question, {"text": "1500 m"}) == earned(question, {"text": "1,5"}) == 1


def test_moodle_short_answers_that_mind_capitals():
    assert (
        xml(
            "shortanswer", '<usecase>1</usecase><answer fraction="100"><text>VnEID</text></answer>'
        ).words.matching
        == "exact"
    )


def test_cloze_becomes_a_text_with_gaps():
    question = xml(
        "cloze",
        "",
        "<p>Thủ đô là {1:SHORTANSWER:=Hà Nội~=Ha Noi#được~*#sai}, tỉnh là {1:MULTICHOICE:Huế#không~=Nghệ An~%0%Vinh}, "
        "năm {:NUMERICAL:=1945:0#đúng}.</p>",
    )
    assert question.words.stem == (
        "Thủ đô là [[Hà Nội|Ha Noi]], tỉnh là [[Huế|*Nghệ An|Vinh]], năm [[1945]]."
    )
    assert find_faults(question.words) == []


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        ("Không có gì", "chỗ trống nào"),
        ("{1:SHORTANSWER:%50%một nửa~=đủ}", "một phần điểm"),
        ("{1:SHORTANSWER:=a} {2:SHORTANSWER:=b}", "trọng số"),
        ("{1:NUMERICAL:=5:1}", "sai số"),
        ("{1:SHORTANSWER:a}", "đáp án đúng"),
        ("{1:MATRIX:=a}", "MATRIX"),
        ("{1:SHORTANSWER:=a} {1:SHORTANSWER:=b", "ngoặc"),
        ("{1:NUMERICAL:=mười}", "không phải số"),
    ],
)
def test_a_cloze_that_cannot_be_kept_is_refused_with_line_and_reason(stem, reason):
    question = xml("cloze", "", stem)
    assert isinstance(question, Refused) and question.line == 2 and reason in str(question.reason)


@pytest.mark.parametrize(("kind", "tag"), [("gapselect", "selectoption"), ("ddwtos", "dragbox")])
def test_words_put_into_a_text(kind, tag):
    words = "".join(
        f"<{tag}><text>{text}</text><group>{group}</group></{tag}>"
        for text, group in [("mèo", 1), ("chó", 1), ("bò", 2), ("dê", 2)]
    )
    question = xml(kind, words, "Con [[2]] sủa, con [[3]] kéo xe.")
    assert question.words.stem == "Con [[mèo|*chó]] sủa, con [[*bò|dê]] kéo xe."
    assert isinstance(xml(kind, words, "Con [[5]]"), Refused)
