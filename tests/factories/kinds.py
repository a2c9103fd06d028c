"""One question of every kind, with what answers it rightly and what of it nobody may read before the review."""

import io
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from assessments.models import AnswerFile, AttemptQuestion, Question, QuestionCategory, Quiz
from assessments.services.answer_files import keep_file
from assessments.services.attempts import save_answer, submit_attempt
from assessments.services.quizzes import put_quiz
from courses.models import Enrolment, ModulePage

from .assessments import begin, make_category, make_question

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@dataclass(frozen=True)
class Sample:
    """``secrets``: words of key and explanation that appear nowhere else in the question."""

    kind: str
    stem: str
    choices: list[tuple]
    secrets: list[str]
    more: dict[str, Any] = field(default_factory=dict)

    def make(self, category: QuestionCategory, **fields) -> Question:
        return make_question(
            category,
            kind=self.kind,
            stem=self.stem,
            choices=self.choices,
            feedback=f"GIẢI THÍCH {self.kind}",
            **self.more | fields,
        )


SAMPLES = {
    sample.kind: sample
    for sample in [
        Sample("single", "Thủ đô?", [("Hà Nội", True, "", "LỜI BÀN 1"), ("Huế", False)], ["LỜI BÀN"]),
        Sample("true_false", "Hà Nội là thủ đô.", [("Đúng", True), ("Sai", False)], []),
        Sample(
            "multiple",
            "Thành phố trực thuộc trung ương?",
            [("Hà Nội", True), ("Đà Nẵng", True), ("Vinh", False, "", "LỜI BÀN 2")],
            ["LỜI BÀN"],
        ),
        Sample("short", "Thủ đô là gì?", [("THĂNG LONG", True)], ["THĂNG LONG"]),
        Sample("number", "Dài bao nhiêu?", [("731,25", True)], ["731"], {"units": "km; m=0,001"}),
        Sample(
            "matching",
            "Cơ quan nào quản lý việc gì?",
            [
                ("Cải cách hành chính", False, "Bộ Nội vụ"),
                ("Chuyển đổi số", False, "Bộ Khoa học và Công nghệ"),
                ("", False, "Bộ Tài chính"),
            ],
            [],
        ),
        Sample("ordering", "Xếp các bước.", [("Tiếp nhận",), ("Thẩm định",), ("Trả kết quả",)], []),
        Sample(
            "gaps",
            "Thủ đô là [[THĂNG LONG|ĐÔNG ĐÔ]], tỉnh là [[*Nghệ An|Hà Tĩnh]].",
            [],
            ["THĂNG LONG", "ĐÔNG ĐÔ", "*Nghệ An", "[["],
        ),
        Sample(
            "essay",
            "Trình bày kế hoạch của đơn vị.",
            [("TIÊU CHÍ A", False, "6"), ("TIÊU CHÍ B", False, "4")],
            ["TIÊU CHÍ"],
        ),
        Sample(
            "file",
            "Nộp kế hoạch của đơn vị.",
            [("TIÊU CHÍ A", False, "6"), ("TIÊU CHÍ B", False, "4")],
            ["TIÊU CHÍ"],
        ),
    ]
}


def make_answer_file(row: AttemptQuestion, name: str = "ke-hoach.pdf") -> AnswerFile:
    """Uploaded, and not handed in yet."""
    upload = SimpleUploadedFile(name, PDF)
    return keep_file(attempt=row.attempt, position=row.position, upload=upload, now=timezone.now())


def right_answer(row: AttemptQuestion) -> dict[str, Any]:
    """What earns the whole mark; of an essay some words, of a file one that is uploaded."""
    key = row.version.content["key"]
    match row.version.kind:
        case "short" | "number":
            return {"text": key[0]}
        case "file":
            return {"files": [str(make_answer_file(row).public_id)]}
        case "essay":
            return {"text": "Bài làm dòng một.\nDòng hai."}
        case "matching" | "ordering" | "gaps":
            return {"fills": {slot: accepted[0] for slot, accepted in key.items()}}
    return {"choices": [choice for choice in row.choice_order if choice in key]}


def make_kind_quiz(kind: str, *, module: ModulePage, **settings) -> Quiz:
    """One question of a kind."""
    category = make_category()
    SAMPLES[kind].make(category)
    return put_quiz(
        module=module,
        title=f"Một câu {category.code}",
        draws=[(category, "", 1)],
        actor=None,
        now=timezone.now(),
        **settings,
    )


def picture(*, size: tuple[int, int] = (40, 20), colour: str = "teal", file_format: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, file_format)
    return target.getvalue()


def make_picture_quiz(*, module: ModulePage, size: tuple[int, int] = (40, 20), **settings) -> Quiz:
    """One question with a picture in its words, in a choice and in its explanation, and a sound."""
    category = make_category()
    make_question(
        category,
        stem="Đây là gì? ![Sơ đồ một cửa](so-do)\nNghe: ![Lời chào](chao)",
        choices=[("![Nút xanh](xanh)", True), ("Không phải", False)],
        feedback="Xem lại ![Lời giải](giai).",
        media={
            "so-do": picture(size=size),
            "xanh": picture(colour="green", size=size),
            "giai": picture(colour="red"),
            "chao": b"ID3\x04sound",
        },
    )
    return put_quiz(
        module=module,
        title=f"Hình {category.code}",
        draws=[(category, "", 1)],
        actor=None,
        now=timezone.now(),
        **settings,
    )


def make_essay_quiz(
    module: ModulePage, *, rubric: bool = False, essays: int = 1, singles: int = 0, **settings
) -> Quiz:
    """Essays worth 4 points each, and single choices worth 1."""
    category = make_category()
    for number in range(essays):
        choices = SAMPLES["essay"].choices if rubric else []
        make_question(category, kind="essay", stem=f"Trình bày ý {number}.", choices=choices)
    draws = [(category, "", essays)]
    if singles:
        draws.append((make_category(singles=singles), "", singles))
    quiz = put_quiz(
        module=module, title=f"Tự luận {category.code}", draws=draws, actor=None, now=timezone.now()
    )
    quiz.draws.filter(category=category).update(mark=4)
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False, **settings)
    return Quiz.objects.get(pk=quiz.pk)


def hand_in(
    quiz: Quiz, enrolment: Enrolment, *, essay: str = "Bài làm của tôi.", now=None
) -> AttemptQuestion:
    """Every question answered, the essays with these words; gives the first row."""
    now = now or timezone.now()
    attempt = begin(quiz, enrolment, now=now)
    for row in attempt.questions.select_related("version"):
        save_answer(
            attempt_id=attempt.public_id,
            position=row.position,
            answer={"text": essay} if row.version.kind == "essay" else right_answer(row),
            sequence=1,
            tab_token=attempt.tab_token,
            actor=enrolment.learner,
            now=now,
        )
    submit_attempt(attempt=attempt, actor=enrolment.learner, now=now)
    return attempt.questions.select_related("version").order_by("position").first()


def handed_in_essay(enrolment: Enrolment, *, module: ModulePage) -> AttemptQuestion:
    return hand_in(make_essay_quiz(module), enrolment)
