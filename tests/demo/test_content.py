"""The programme in ``fixtures/`` is whole: a trainer's edit that breaks a promise of it is found here."""

import re
import unicodedata
from pathlib import Path

import pytest

from lms.demo.loader.programme import read_courses, read_modules
from lms.demo.loader.world import FIXTURES
from lms.demo.markdown import to_blocks

PROGRAMME = FIXTURES / "programme"
MODULES = read_modules(PROGRAMME)
COURSES = read_courses(PROGRAMME)
LESSONS = [
    pytest.param(module, lesson, id=lesson.path.stem)
    for module in MODULES.values()
    for lesson in module.lessons
]


def blocks_of(module, lesson):
    def exists(name: str, alt: str, caption: str) -> int:
        if not (module.folder / "figures" / name).is_file():
            raise FileNotFoundError(name)
        return 1

    return to_blocks(lesson, exists)


def words_of(body: str) -> int:
    """Words an official reads: container lines, table rules and marks of Markdown are none."""
    text = re.sub(
        r"^:::.*$", lambda line: " ".join(re.findall(r'"([^"]*)"', line[0])), body, flags=re.MULTILINE
    )
    return len([word for word in text.split() if re.search(r"\w", word)])


def test_the_programme_is_six_modules_of_forty_periods():
    programme = next(course for course in COURSES if course["code"] == "CCHC-CNTT")
    assert programme["modules"] == ["CCHC-01", "CCHC-02", "CPDT-03", "VPDT-04", "KNS-05", "ATTT-06"]
    assert programme["tiet"] == 40 == sum(MODULES[code].meta["tiet"] for code in programme["modules"])


def test_every_course_names_modules_and_pictures_that_exist_in_both_languages():
    assert len(COURSES) == 4
    for course in COURSES:
        assert set(course["modules"]) <= set(MODULES)
        assert course["tiet"] == sum(MODULES[code].meta["tiet"] for code in course["modules"])
        assert (PROGRAMME / course["image"]).is_file()
        for name in ("title", "summary", "audience", "format_note", "introduction", "completion_rule"):
            assert course[name].strip()
            assert course[f"{name}_en"].strip()
    assert len({course["slug"] for course in COURSES}) == len({course["code"] for course in COURSES}) == 4


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_a_module_has_its_lessons_periods_and_outcomes(module):
    assert module.code == module.folder.name == module.questions["category"]
    assert len(module.lessons) == 5
    assert sum(lesson.meta["tiet"] for lesson in module.lessons) == module.meta["tiet"]
    assert len(module.meta["outcomes"]) == len(module.meta["outcomes_en"]) >= 3
    assert module.meta["title_en"]
    assert module.meta["summary_en"]
    assert len({lesson.meta["slug"] for lesson in module.lessons}) == 5
    assert len(list((module.folder / "figures").glob("*.svg"))) >= 2


@pytest.mark.parametrize(("module", "lesson"), LESSONS)
def test_a_lesson_can_be_learnt_from(module, lesson):
    blocks = blocks_of(module, lesson)
    kinds = [name for name, _value in blocks]
    assert 400 <= words_of(lesson.body) <= 950
    assert {"table", "figure", "steps"} & set(kinds)
    assert "callout" in kinds
    assert kinds.count("check_question") == 1
    assert "check_question" in kinds[len(kinds) // 2 :]
    assert 3 <= sum(1 for name, value in blocks if name == "heading" and value["level"] == "2") <= 6


@pytest.mark.parametrize(("module", "lesson"), LESSONS)
def test_a_lesson_is_named_in_both_languages(module, lesson):
    for name in ("title", "title_en", "summary", "summary_en"):
        assert lesson.meta[name].strip(), name
    assert len(lesson.meta["summary"]) <= 500
    assert len(lesson.meta["summary_en"]) <= 500
    assert 5 <= lesson.meta["minutes"] <= 30


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_a_bank_is_larger_than_its_draw_and_every_question_can_be_answered(module):
    questions, quiz = module.questions["questions"], module.questions["quiz"]
    assert len(questions) >= max(20, quiz["draw"] + 5)
    assert quiz["title"]
    assert quiz["title_en"]
    assert len({question["id"] for question in questions}) == len(questions)
    assert len({question["stem"] for question in questions}) == len(questions)
    for question in questions:
        texts = [choice["text"] for choice in question["choices"]]
        right = sum(1 for choice in question["choices"] if choice.get("correct"))
        assert question["id"].startswith(module.code), question["id"]
        assert len(set(texts)) == len(texts) >= 3, question["id"]
        assert question["feedback"].strip(), question["id"]
        assert question["difficulty"] in ("easy", "medium", "hard"), question["id"]
        assert 1 <= question["lesson"] <= 5, question["id"]
        if question["kind"] == "single":
            assert right == 1, question["id"]
        else:
            assert question["kind"] == "multiple", question["id"]
            assert 2 <= right < len(texts), question["id"]
    places = [
        next(index for index, choice in enumerate(question["choices"]) if choice.get("correct"))
        for question in questions
        if question["kind"] == "single"
    ]
    assert max(map(places.count, set(places))) < 0.6 * len(places), (
        "the right choice stands too often in one place"
    )


def test_text_is_in_one_normal_form():
    for path in sorted(Path(FIXTURES).rglob("*")):
        if path.suffix in {".md", ".yaml", ".csv", ".svg"}:
            text = path.read_text(encoding="utf-8")
            assert unicodedata.is_normalized("NFC", text), path


def test_figures_hold_no_scripts_and_reach_for_nothing_outside():
    for path in sorted(Path(FIXTURES).rglob("*.svg")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script|@import|\son\w+=|(?:href|src)=\"(?!#)", text), path
        assert "<title" in text, path
