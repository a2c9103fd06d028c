"""Questions come over from GIFT, Moodle XML and Aiken: each told by its line, none spoilt by another, twice the same as once."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from assessments.models import Question, QuestionCategory
from assessments.question_files import READERS, FileFault, Found, Refused, read_questions
from assessments.services.question_import import Outcome, import_questions
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.organisations import make_person, make_unit

# --- reading ----------------------------------------------------------------------------------------------


def pairs(question: Found) -> list[tuple[str, bool]]:
    return [(row.text, row.is_right) for row in question.words.rows]


def only(text: str, file_format: str = "gift") -> Found | Refused:
    [question] = READERS[file_format](text)
    return question


def test_one_and_several_right_answers():
    one = only("Thủ tục hành chính do ai công bố? {\n ~Chủ tịch xã\n =Bộ trưởng#Đúng thẩm quyền\n}")
    assert (one.words.kind, pairs(one)) == ("single", [("Chủ tịch xã", False), ("Bộ trưởng", True)])
    assert [row.feedback for row in one.words.rows] == ["", "Đúng thẩm quyền"]
    several = only("Chọn hai: {~%50%một ~%50%hai ~%-100%ba ~bốn}")
    assert several.words.kind == "multiple"
    assert [text for text, right in pairs(several) if right] == ["một", "hai"]


@pytest.mark.parametrize(
    ("answer", "right"), [("T", 0), ("TRUE", 0), ("F", 1), ("false", 1), ("F#vì sao", 1)]
)
def test_true_and_false(answer, right):
    question = only(f"Hồ sơ nộp một lần. {{{answer}}}")
    assert [text for text, _right in pairs(question)] == ["Đúng", "Sai"]
    assert pairs(question)[right][1] and not pairs(question)[1 - right][1]
    assert question.words.feedback == ("vì sao" if "#" in answer else "")


def test_short_texts_and_numbers():
    short = only("Thủ đô? {=Hà Nội =Thủ đô Hà Nội =hà nội}")
    assert (short.words.kind, pairs(short)) == ("short", [("Hà Nội", True), ("Thủ đô Hà Nội", True)])
    number = only("Bao nhiêu ngày? {#7.5:0.5}")
    assert (number.words.kind, pairs(number), number.words.tolerance) == (
        "number",
        [("7,5", True)],
        Decimal("0.5"),
    )
    between = only("Số pi? {#3.141..3.142####Hằng số}")
    assert (pairs(between), between.words.tolerance) == ([("3,1415", True)], Decimal("0.0005"))
    assert between.words.feedback == "Hằng số"
    text = moodle(
        '<question type="shortanswer"><questiontext><text>Thủ đô?</text></questiontext>'
        '<answer fraction="100"><text>Hà Nội</text></answer><answer fraction="0"><text>*</text></answer></question>',
        '<question type="numerical"><questiontext><text>Mấy?</text></questiontext>'
        '<answer fraction="100"><text>1822</text><tolerance>2</tolerance></answer></question>',
    )
    words, year = READERS["moodlexml"](text)
    assert (words.words.kind, pairs(words)) == ("short", [("Hà Nội", True)])
    assert (year.words.kind, pairs(year), year.words.tolerance) == ("number", [("1822", True)], 2)


def test_titles_formats_gaps_escapes_and_general_explanations():
    question = only(
        "::Tên riêng:: [html]<p>Kết quả <b>trả</b></p> {=tại \\{bộ phận\\} một cửa ~qua 3 \\= 2 \\~ 1####<p>Điều 5</p>} cho dân."
    )
    assert question.words.stem == "Kết quả trả\n_____ cho dân."
    assert pairs(question) == [("tại {bộ phận} một cửa", True), ("qua 3 = 2 ~ 1", False)]
    assert question.words.feedback == "Điều 5"


def test_a_link_keeps_its_address():
    assert (
        "(https://bo.example/a)"
        in only('[html]Xem <a href\\="https\\://bo.example/a">văn bản</a> {T}').words.stem
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Năm nào? {#mười}", "không phải số"),
        ("Thủ đô? {=Hà *}", "dấu *"),
        ("Thủ đô? {Hà Nội}", "bắt đầu bằng"),
        ("Ghép. {=a -> b =c}", "“->”"),
        ("Chỉ là lời dẫn.", "không có câu hỏi"),
        ("Thiếu ngoặc {=a ~b", "Thiếu dấu ngoặc"),
        ("Ai? {~a ~b}", "Không có phương án đúng"),
        ("Ai? {=a ~b} Sao? {=c ~d}", "thiếu dòng trống"),
        ('[html]<img src\\="a.png"> là gì? {T}', "<img>"),
    ],
)
def test_what_cannot_be_asked_here_is_refused_with_the_reason(text, reason):
    question = only(text)
    assert isinstance(question, Refused) and reason in str(question.reason) and question.line == 1


def test_a_broken_question_never_spoils_the_rest_and_lines_are_told():
    text = "// lời dẫn\n$CATEGORY: $course$/Chương 1\n\nMột? {=a ~b}\n\nHai {=a ~b\n\n// [id:cau-3]\nBa? {=a\n~b}\n"
    one, two, three = READERS["gift"](text)
    assert [question.line for question in (one, two, three)] == [4, 6, 9]
    assert isinstance(two, Refused) and one.category == "$course$/Chương 1"
    assert three.number_there == "cau-3"


def test_aiken():
    text = "Ai ký?\nA. Bộ trưởng\nB) Chánh văn phòng\nANSWER: A\n\nThiếu đáp án?\nA. x\nB. y\n\nSai chữ?\nA. x\nB. y\nANSWER: D\n"
    right, without, wrong = READERS["aiken"](text)
    assert pairs(right) == [("Bộ trưởng", True), ("Chánh văn phòng", False)]
    assert isinstance(without, Refused) and "ANSWER" in str(without.reason) and without.line == 6
    assert isinstance(wrong, Refused) and "“D”" in str(wrong.reason) and wrong.line == 10


def moodle(*questions: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + "\n".join(questions) + "\n</quiz>\n"


def multichoice(stem: str, *answers: tuple[str, str], single: str = "true", more: str = "") -> str:
    rows = "".join(
        f'<answer fraction="{f}" format="html"><text>{text}</text></answer>' for text, f in answers
    )
    return (
        f'<question type="multichoice"><questiontext format="html"><text><![CDATA[{stem}]]></text></questiontext>'
        f"<single>{single}</single>{more}{rows}</question>"
    )


def test_moodle_xml():
    text = moodle(
        '<question type="category"><category><text>$course$/Một cửa</text></category></question>',
        multichoice("<p>Một?</p>", ("a", "100"), ("b", "0"), more="<idnumber>Q7</idnumber>"),
        multichoice("Hai?", ("a", "50"), ("b", "50"), ("c", "-100"), single="false"),
        multichoice("Ba?", ("a", "x"), ("b", "30")),
        '<question type="calculated"><questiontext><text>Bốn</text></questiontext></question>',
        '<question type="truefalse"><questiontext><text>Năm</text></questiontext>'
        '<answer fraction="0"><text>true</text></answer><answer fraction="100"><text>false</text></answer></question>',
    )
    one, two, three, four, five = READERS["moodlexml"](text)
    assert (one.words.stem, one.words.kind, one.number_there, one.category) == (
        "Một?",
        "single",
        "Q7",
        "$course$/Một cửa",
    )
    assert two.words.kind == "multiple" and pairs(five) == [("Đúng", False), ("Sai", True)]
    assert "“x”" in str(three.reason) and "calculated" in str(four.reason)
    assert [question.line for question in (one, two, three, four, five)] == [4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"<quiz>\n<question>\n</quiz>", 3),
        (b'<!DOCTYPE quiz [<!ENTITY a "aaa">]>\n<quiz><question type="essay"/></quiz>', 1),
        (b"<html></html>", 1),
        (b"PK\x03\x04 a package", None),
        (b"\xff\xfe", None),
        (b"C\xe2u h\xf4i\nm\xf4t {T}", 1),
        (b"", None),
        (b"a\0b {T}", None),
    ],
)
def test_a_file_that_cannot_be_read_says_where(content, line):
    with pytest.raises(FileFault) as fault:
        read_questions(content)
    assert fault.value.line == line and str(fault.value.message)


def test_the_format_is_found_out():
    assert read_questions(b"<quiz></quiz>")[0] == "moodlexml"
    assert read_questions(b"A?\nA. x\nB. y\nANSWER: A\n")[0] == "aiken"
    assert read_questions("Một? {=a ~b}".encode("utf-16"))[0] == "gift"


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=["Cc", "Cs", "Co"]),
    max_size=60,
)


@given(text=st.text(max_size=200), name=st.sampled_from(sorted(READERS)))
def test_no_text_breaks_a_reader(text, name):
    try:
        for question in READERS[name](text):
            assert question.line >= 0
    except FileFault:
        assert name in ("moodlexml", "qti")


def escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "~=#{}:\\" else character for character in text)


@given(stem=WORDS, texts=st.lists(WORDS, min_size=2, max_size=5, unique=True), right=st.integers(0, 4))
@example(stem="", texts=["", r"\n"], right=0)
def test_what_was_written_escaped_is_read_as_it_was(stem, texts, right):
    stem, texts = "Câu " + " ".join(stem.split()), ["x " + " ".join(text.split()) for text in texts]
    right %= len(texts)
    answers = " ".join(f"{'=' if n == right else '~'}{escaped(text)}" for n, text in enumerate(texts))
    question = only(f"{escaped(stem)} {{{answers}}}")
    assert question.words.stem == stem.strip()
    assert pairs(question) == [(text.strip(), n == right) for n, text in enumerate(texts)]


# --- keeping ----------------------------------------------------------------------------------------------

GIFT = (
    "Ai công bố? {=Bộ trưởng ~Chủ tịch xã}\n\nChỉ một lời dẫn.\n\nHồ sơ nộp một lần. {T}\n\nTrùng? {=a ~a}\n"
)


@pytest.fixture
def bank(db):
    return QuestionCategory.objects.create(code="MC", name="Một cửa")


def load(bank, text: str = GIFT, *, actor=None, **more):
    name, questions = read_questions(text.encode())
    lines = import_questions(
        questions, category=bank, actor=actor, now=timezone.now(), file_format=name, **more
    )
    return [line.outcome.value for line in lines], lines


def test_questions_are_kept_as_drafts_and_a_second_run_changes_nothing(bank):
    outcomes, lines = load(bank)
    assert outcomes == ["created", "refused", "created", "refused"]
    assert "phương án" in str(lines[3].reason).lower()
    kept = list(Question.objects.order_by("pk"))
    assert [question.status for question in kept] == ["draft", "draft"]
    assert all(question.code.startswith("MC-") for question in kept)
    event = AuditEvent.objects.get(action="bank.imported")
    assert event.data == {"format": "gift", "created": 2, "changed": 0, "unchanged": 0, "refused": 2}
    assert load(bank)[0] == ["unchanged", "refused", "unchanged", "refused"]
    assert Question.objects.count() == 2 and AuditEvent.objects.filter(action="bank.imported").count() == 1


def test_a_question_that_stands_twice_in_a_file_is_kept_once(bank):
    text = "Ai công bố? {=Bộ trưởng ~Chủ tịch xã}\n\nAi công bố? {=Bộ trưởng#vì sao ~Chủ tịch xã}\n"
    outcomes, lines = load(bank, text)
    assert outcomes == ["created", "unchanged"] and "dòng 1" in str(lines[1].reason)
    assert load(bank, text)[0] == ["unchanged", "unchanged"]


def test_the_dry_run_says_what_the_run_does_and_does_nothing(bank):
    dry = load(bank, dry_run=True)[0]
    assert not Question.objects.exists() and not AuditEvent.objects.filter(action="bank.imported").exists()
    assert load(bank)[0] == dry


def test_ready_questions_are_asked_at_once(bank):
    load(bank, ready=True)
    assert all(question.current_version for question in Question.objects.all())


def test_a_question_that_comes_again_with_its_number_keeps_its_status(bank):
    load(bank, "// [id:C1]\nAi công bố? {=Bộ trưởng ~Chủ tịch xã}", ready=True)
    Question.objects.update(difficulty="hard")
    outcomes, _lines = load(bank, "// [id:C1]\nAi công bố danh mục? {=Bộ trưởng ~Chủ tịch xã}")
    question = Question.objects.get()
    assert outcomes == ["changed"] and (question.status, question.difficulty) == ("ready", "hard")
    assert question.current_version.number == 2


def test_the_same_question_elsewhere_is_pointed_at(bank):
    load(bank)
    other = QuestionCategory.objects.create(code="KHAC", name="Khác")
    _outcomes, lines = load(other, "AI CÔNG BỐ? {=Bộ trưởng ~Giám đốc sở}")
    assert lines[0].outcome is Outcome.CREATED and lines[0].twin == Question.objects.earliest("pk").code


def test_a_choice_too_long_is_refused(bank):
    assert load(bank, f"Dài? {{={'x' * 501} ~b}}")[0] == ["refused"]


def test_whoever_keeps_no_banks_imports_nothing(bank):
    with pytest.raises(NotAllowed):
        load(bank, actor=make_person(unit=make_unit()))


# --- the command ------------------------------------------------------------------------------------------


def run(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("import_questions", str(path), "--category", "MC", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "cau-hoi.txt"
    path.write_text(GIFT)
    return path


def test_the_command_prints_a_line_for_each_and_the_count(bank, file):
    lines = run(file, "--dry-run").splitlines()
    assert [line.split(" · ")[:2] for line in lines[:4]] == [
        ["1", "created"],
        ["3", "refused"],
        ["5", "created"],
        ["7", "refused"],
    ]
    assert "2 tạo mới" in lines[-1] and "2 không nhận" in lines[-1] and not Question.objects.exists()
    told = json.loads(run(file, "--json", "--ready"))
    assert (told["counts"]["created"], told["file_format"]) == (2, "gift")
    assert Question.objects.filter(status="ready").count() == 2


def test_the_command_names_what_is_wrong(bank, file, tmp_path):
    broken = tmp_path / "hong.xml"
    broken.write_text("<quiz>\n<question>\n</quiz>")
    with pytest.raises(CommandError, match=r"hong\.xml:3"):
        run(broken)
    with pytest.raises(CommandError, match="KHONG-CO"):
        call_command("import_questions", str(file), "--category", "KHONG-CO")
    with pytest.raises(CommandError):
        run(tmp_path / "khong-co.txt")


# --- the page ---------------------------------------------------------------------------------------------

PAGE = "/quan-tri/questions/import/"


@pytest.fixture
def trainer(client, bank):
    trainer = make_person(unit=make_unit(), roles=[Role.TRAINER])
    client.force_login(trainer)
    return trainer


def send(client, bank, content: bytes, **more):
    upload = SimpleUploadedFile("cau-hoi.txt", content)
    return client.post(PAGE, {"category": bank.pk, "file": upload, "file_format": ""} | more)


def test_a_trainer_looks_at_a_file_and_takes_it_over(client, bank, trainer):
    listing = client.get(reverse("wagtailsnippets_assessments_question:list")).content.decode()
    assert PAGE in listing
    page = send(client, bank, GIFT.encode())
    text = page.content.decode()
    assert "Ai công bố?" in text and "không có câu hỏi" in text
    assert not Question.objects.exists()
    done = client.post(PAGE, {"looked_at": page.context["looked_at"]}, follow=True)
    assert "Đã nhập 2 câu hỏi" in done.content.decode() and Question.objects.count() == 2
    assert AuditEvent.objects.get(action="bank.imported").actor_id == trainer.pk


def test_a_broken_file_is_said_beside_its_field(client, bank, trainer):
    page = send(client, bank, b"<quiz>\n<question>\n</quiz>")
    assert page.status_code == 422 and "Dòng 3" in page.content.decode()


def test_a_file_too_long_for_a_page_says_how_long_it_is(client, bank, trainer, monkeypatch):
    monkeypatch.setattr("assessments.import_admin.MOST_QUESTIONS", 3)
    page = send(client, bank, GIFT.encode())
    assert page.status_code == 422 and "Tệp có 4 câu hỏi" in page.content.decode()


def test_a_preview_somebody_changed_loads_nothing(client, bank, trainer):
    page = send(client, bank, GIFT.encode())
    client.post(PAGE, {"looked_at": page.context["looked_at"][:-2] + "xx"})
    client.post(PAGE, {"looked_at": "x"})
    assert not Question.objects.exists()


def test_who_keeps_no_banks_has_no_such_page(client, bank):
    client.force_login(make_person(unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR]))
    send(client, bank, GIFT.encode())
    assert not Question.objects.exists()
