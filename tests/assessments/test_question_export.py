"""What goes out of a bank comes back as the same questions; the workbook trainers fill in."""

import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from assessments.gaps import read_gaps, write_gaps
from assessments.models import Question, QuestionVersion
from assessments.question_content import Row, Words, content_of, without_ids
from assessments.question_files import (
    FileFault,
    Found,
    Refused,
    moodlexml_writer,
    qti_writer,
    read_questions,
    sheet,
)
from assessments.question_files.sheet import Kept
from assessments.question_files.template import ADVICE, EXAMPLES, template
from assessments.scoring import MARKED
from assessments.services.question_faults import find_faults
from assessments.services.question_import import import_questions
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import make_category, make_question
from tests.factories.kinds import SAMPLES
from tests.factories.organisations import make_person, make_unit

WRITERS = {"xlsx": sheet.write, "moodlexml": moodlexml_writer.write, "qti": qti_writer.write}


def load(category, content: bytes, name: str = ""):
    name, questions = read_questions(content, name)
    return [
        line.outcome.value
        for line in import_questions(
            questions, category=category, actor=None, now=timezone.now(), file_format=name
        )
    ]


# Shares of the mark that the rule of the kind would not give.
SHARES = {"single": [100, 50, 0], "multiple": [75, 25, -50], "short": [None, 40]}


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", sorted(WRITERS))
def test_an_export_of_every_kind_changes_nothing_when_it_comes_back(tmp_path, file_format):
    category = make_category()
    # Moodle has no words for a rubric.
    for n, sample in enumerate(SAMPLES.values()):
        made = sample.make(category, code=f"{category.code}-{n:03}", difficulty="hard")
        if file_format == "moodlexml" and sample.kind in MARKED:
            made.choices.all().delete()
    for kind, shares in SHARES.items():
        make_question(
            category,
            code=f"{category.code}-{kind}",
            kind=kind,
            choices=[
                (f"p{n}", kind == "short" or share > (50 if kind == "single" else 0), "", "", share)
                for n, share in enumerate(shares)
            ],
        )
    file = tmp_path / "questions"
    call_command("export_questions", file, category=category.code, format=file_format, stdout=io.StringIO())
    assert set(load(category, file.read_bytes())) == {"unchanged"}
    assert AuditEvent.objects.get(action="bank.exported").data == {
        "format": file_format,
        "questions": len(SAMPLES) + len(SHARES),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", sorted(WRITERS))
def test_an_export_makes_the_same_questions_in_an_empty_bank(tmp_path, file_format):
    category = make_category()
    for n, sample in enumerate(SAMPLES.values()):
        sample.make(category, code=f"{category.code}-{n:03}", difficulty="easy")
    before = {question.code: question.words for question in Question.objects.all()}
    file = tmp_path / "questions"
    call_command("export_questions", file, category=category.code, format=file_format, stdout=io.StringIO())
    Question.objects.update(current_version=None)
    QuestionVersion.objects.all().delete()
    Question.objects.all().delete()
    assert set(load(category, file.read_bytes())) == {"created"}
    after = {question.code: question.words for question in Question.objects.all()}
    if file_format == "moodlexml":
        before = {
            code: words._replace(rows=[] if words.kind in MARKED else words.rows)
            for code, words in before.items()
        }
    assert after == before


TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Zl", "Zp"], exclude_characters="\u00a0"
    ),
    max_size=30,
).map(lambda text: " ".join(text.split()))
WORD = TEXT.filter(lambda text: bool(text))


@given(
    stem=WORD,
    texts=st.lists(WORD, min_size=2, max_size=5, unique_by=str.casefold),
    said=TEXT,
    start=st.sampled_from(["", "=", "'", "'=", "''", "+", "-", "@"]),
)
def test_whatever_is_written_comes_back_from_the_workbook_as_it_was(stem, texts, said, start):
    words = Words(
        "single", f"{start}{stem}", [Row(start + text, n == 0, feedback=said) for n, text in enumerate(texts)]
    )
    for language in ("vi", "en"):
        with translation.override(language):
            _name, (found,) = read_questions(sheet.write([Kept("M-1", "medium", words)]))
    assert (found.code, found.difficulty) == ("M-1", "medium")
    assert found.words._replace(stem="", rows=()) == words._replace(stem="", rows=())
    assert found.words.stem == words.stem.strip()
    assert [(row.text, row.is_right, row.feedback) for row in found.words.rows] == [
        (row.text, row.is_right, row.feedback) for row in words.rows
    ]


@given(
    first=WORD,
    forms=st.lists(
        WORD.filter(lambda text: not set("|*[]") & set(text)), min_size=1, max_size=4, unique_by=str.casefold
    ),
    end=TEXT,
)
def test_gaps_come_back_from_cloze_whatever_signs_they_hold(first, forms, end):
    gap = read_gaps(f"[[{'|'.join(forms)}]]").gaps[0]
    if [text for text, _right in gap.forms] != forms:
        return
    words = Words("gaps", write_gaps([first.replace("{", "(") + " ", " " + end.replace("{", "(")], [gap]), [])
    if len(read_gaps(words.stem).gaps) != 1:
        return
    _name, (found,) = read_questions(moodlexml_writer.write([Kept("M-1", "", words)]), "moodlexml")
    assert isinstance(found, Found), found
    assert " ".join(found.words.stem.split()) == " ".join(words.stem.split())


@given(
    stem=WORD,
    texts=st.lists(WORD, min_size=2, max_size=5, unique_by=str.casefold),
    said=TEXT,
    kind=st.sampled_from(["single", "multiple", "ordering", "short"]),
)
def test_whatever_is_written_comes_back_from_a_qti_package_as_it_was(stem, texts, said, kind):
    right_ones = {"single": 1, "multiple": 2, "ordering": 0, "short": 5}[kind]
    choices = kind in ("single", "multiple")
    rows = [Row(text, n < right_ones, feedback=said if choices else "") for n, text in enumerate(texts)]
    words = Words(kind, f"{stem}\nhai\n\n| a | b |\n| {len(texts)} | 2 |\n\nba", rows, said, matching="exact")
    if kind == "short" and any("*" in text for text in texts):
        return  # a form with * stands for many in other systems
    _name, (found,) = read_questions(qti_writer.write([Kept("M-1", "hard", words)]))
    assert (found.code, found.difficulty) == ("M-1", "hard")
    assert found.words == words


def test_numbers_with_tolerances_of_their_own_come_back_from_qti_without_what_we_say_beside_them():
    rows = [Row("12,5", True), Row("13", True, match="2", percent=Decimal("50.0000"))]
    words = Words("number", "Mấy?", rows, tolerance=Decimal("0.25"))
    package = zipfile.ZipFile(io.BytesIO(qti_writer.write([Kept("M-1", "", words)])))
    name, (found,) = read_questions(package.read("items/0001.xml"))
    assert (name, found.number_there, found.code) == ("qti", "M-1", "")
    assert found.words == words


def test_the_template_is_read_without_a_fault_in_both_languages():
    for language in ("vi", "en"):
        with translation.override(language):
            content = template()
        _name, questions = read_questions(content)
        assert [question.words for question in questions] == EXAMPLES
        assert not any(find_faults(question.words) for question in questions)
    assert set(ADVICE) == set(SAMPLES) == {words.kind for words in EXAMPLES}


def workbook(*rows: list) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


HEADINGS = ["Mã", "Loại", "Câu hỏi", "Phương án hoặc đáp án", "Đúng", "Tỷ lệ điểm, %"]


def test_a_sheet_filled_in_by_hand_is_read_by_its_headings_and_each_fault_told_by_its_row():
    content = workbook(
        ["Ngân hàng câu hỏi năm 2019"],
        HEADINGS,
        ["", "một phương án đúng", "Năm nào?", 1945, "x"],
        ["", "", "", 1954.5, None],
        [],
        ["", "loại lạ", "Câu lạ?", "a", "x"],
        ["", "", "Không ghi loại?", "a", "có"],
        ["", "", "", "b", ""],
        ["", "ESSAY", "Tự luận?"],
        ["", "", "Sai số?", "a", "x", "nhiều"],
    )
    name, (first, odd, single, essay, share) = read_questions(content)
    assert name == "xlsx"
    assert first.words == Words("single", "Năm nào?", [Row("1945", True), Row("1954,5")])
    assert isinstance(odd, Refused) and odd.line == 6 and "loại lạ" in str(odd.reason)
    assert single.words.kind == "single" and essay.words.kind == "essay" and essay.line == 9
    assert isinstance(share, Refused) and share.line == 10


@pytest.mark.parametrize("content", [workbook(["Một", "Hai"]), workbook()])
def test_a_workbook_without_the_headings_says_which_are_needed(content):
    with pytest.raises(FileFault) as fault:
        read_questions(content)
    assert "Câu hỏi" in str(fault.value.message)


@pytest.mark.django_db
def test_a_trainer_fetches_the_template_and_a_bank_and_others_do_not():
    category = make_category(singles=2)
    trainer, learner = Client(), Client()
    trainer.force_login(make_person(unit=make_unit(), roles=[Role.TRAINER]))
    learner.force_login(make_person(unit=make_unit()))
    url = f"{reverse('question_export')}?category={category.pk}&format="
    assert read_questions(trainer.get(reverse("question_template")).content)[0] == "xlsx"
    for name in WRITERS:
        reply = trainer.get(url + name)
        assert (
            reply["Content-Disposition"].startswith("attachment")
            and reply["X-Content-Type-Options"] == "nosniff"
        )
        assert len(read_questions(reply.content)[1]) == 2
    assert trainer.get(url + "pdf").status_code == 404
    assert learner.get(url + "xlsx").status_code in (302, 403)


def test_shares_of_a_third_come_back_as_thirds():
    third = Decimal("33.3333")
    words = Words(
        "multiple",
        "?",
        [
            Row("a", True, percent=third),
            Row("b", True, percent=third),
            Row("c", True, percent=Decimal("33.3334")),
            Row("d", percent=Decimal(-50)),
        ],
    )
    for write in WRITERS.values():
        _name, (found,) = read_questions(write([Kept("M-1", "", words)]))
        content = without_ids(content_of(found.words))
        assert content["key"] == without_ids(content_of(words))["key"]
