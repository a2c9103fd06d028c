"""Files as answers: taken by what is in them, handed in only by a saved answer, read by their writer and those who mark."""

import io
import json
import uuid
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.file_types import ENDINGS, is_what_it_says
from assessments.models import AnswerFile, Attempt
from assessments.services import answer_files
from assessments.services.marking import mark_answer, release_marks
from assessments.tasks import forget_unused_files_task
from courses.models import RunTrainer
from lms.core.storage import private_storage
from lms.organisations.models import Role
from lms.users.holdings import files_of, redact_further
from tests.factories.assessments import make_learner_of
from tests.factories.courses import make_course
from tests.factories.kinds import PDF, make_kind_quiz
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def archive(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return target.getvalue()


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


class Sitting:
    """A signed-in browser with an open attempt at a question that asks for files."""

    def __init__(self):
        self.quiz = make_kind_quiz(
            "file", module=make_course(modules=1, lessons=1).get_children().get().specific
        )
        self.enrolment = make_learner_of(self.quiz)
        self.client = browser_of(self.enrolment.learner)
        self.client.post(
            reverse("assessments:start", kwargs={"quiz_id": self.quiz.pk, "enrolment_id": self.enrolment.pk})
        )
        self.attempt = Attempt.objects.get(enrolment=self.enrolment)
        self.token = self.client.post(self.url("open_tab")).json()["tab_token"]
        self.sequence = 0

    def url(self, name: str, **more) -> str:
        return reverse(f"assessments:{name}", kwargs={"public_id": self.attempt.public_id, **more})

    def upload(self, name: str = "kế hoạch.pdf", content: bytes = PDF):
        sent = SimpleUploadedFile(name, content)
        return self.client.post(self.url("upload_file", position=1), {"file": sent})

    def save(self, *ids: str):
        self.sequence += 1
        fields = {"answer": json.dumps({"files": ids}), "sequence": self.sequence, "tab_token": self.token}
        return self.client.post(self.url("save_answer", position=1), fields)

    @property
    def row(self):
        return self.attempt.questions.get()

    def trainer(self):
        person = make_person(unit=make_unit(), roles=[Role.TRAINER])
        RunTrainer.objects.create(run=self.enrolment.run, person=person)
        return person


def address_of(file_id: str) -> str:
    return reverse("assessments:answer_file", kwargs={"public_id": file_id})


def test_a_file_is_handed_in_by_the_answer_that_names_it_and_comes_back_as_it_went():
    sitting = Sitting()
    sent = sitting.upload().json()
    assert (sent["name"], sent["size"], sent["url"]) == ("kế hoạch.pdf", len(PDF), address_of(sent["id"]))
    assert sitting.row.answer is None
    assert sitting.save(sent["id"]).status_code == 200
    assert sitting.row.answer == {"files": [sent["id"]]} and sitting.row.is_answered
    opened = sitting.client.post(sitting.url("open_tab")).json()["questions"][0]
    assert opened["files"] == [sent] and opened["answer"] == {"files": [sent["id"]]}
    back = sitting.client.get(sent["url"])
    assert b"".join(back.streaming_content) == PDF
    assert (
        back["Content-Disposition"].startswith("attachment") and back["X-Content-Type-Options"] == "nosniff"
    )
    assert (
        AnswerFile.objects.get().file.name.startswith("answers/")
        and "hoạch" not in AnswerFile.objects.get().file.name
    )


def test_it_can_be_taken_back_until_the_attempt_is_handed_in():
    sitting = Sitting()
    first, second = (sitting.upload(name).json()["id"] for name in ("a.pdf", "b.pdf"))
    sitting.save(first, second)
    sitting.save(second)
    assert sitting.row.answer == {"files": [second]}
    sitting.client.post(sitting.url("submit"))
    assert sitting.upload().status_code == 410
    assert sitting.save(first).status_code == 410


def test_an_answer_names_only_files_of_its_own_question():
    sitting, other = Sitting(), Sitting()
    theirs, mine = other.upload().json()["id"], sitting.upload().json()["id"]
    assert sitting.save(theirs).status_code == 400
    assert sitting.save(mine, mine).status_code == 400
    assert sitting.save(str(uuid.uuid4())).status_code == 400
    many = [sitting.upload(f"{n}.pdf").json()["id"] for n in range(6)]
    assert sitting.save(*many).status_code == 400
    assert sitting.save(*many[:5]).status_code == 200


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bai.exe", b"MZ"),
        ("bai.html", b"<script>"),
        ("bai.svg", b"<svg/>"),
        ("bai.pdf", b"MZ\x90"),
        ("bai", PDF),
        ("bai.pdf", b""),
        ("bai.docx", archive("word/document.xml", "word/vbaProject.bin")),
        ("bai.docx", archive("evil.exe")),
        ("bai.xlsx", b"PK\x03\x04 broken"),
        ("bai.txt", b"\x00\x01"),
    ],
    ids=[
        "program",
        "html",
        "svg",
        "not a PDF",
        "no ending",
        "empty",
        "macros",
        "no document",
        "broken",
        "no text",
    ],
)
def test_what_is_not_taken_is_refused_with_words(name, content):
    sitting = Sitting()
    reply = sitting.upload(name, content)
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_file") and reply.json()["message"]
    assert not AnswerFile.objects.exists()


def test_documents_are_known_by_what_is_in_them():
    taken = {
        "pdf": PDF,
        "png": b"\x89PNG\r\n\x1a\n",
        "jpg": b"\xff\xd8\xff\xe0",
        "jpeg": b"\xff\xd8\xff\xe0",
        "docx": archive("[Content_Types].xml", "word/document.xml"),
        "xlsx": archive("xl/workbook.xml"),
        "pptx": archive("ppt/presentation.xml"),
        **{ending: archive("mimetype", "content.xml") for ending in ("odt", "ods", "odp")},
        "txt": "Kế hoạch".encode(),
    }
    assert taken.keys() == set(ENDINGS)
    assert all(is_what_it_says(f"Bài làm.{ending.upper()}", content) for ending, content in taken.items())


def test_too_large_and_too_many_are_refused(monkeypatch):
    sitting = Sitting()
    monkeypatch.setattr(answer_files, "MOST_BYTES", 10)
    assert sitting.upload().status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr(answer_files, "MOST_UPLOADS", 2)
    assert [sitting.upload().status_code for _ in range(3)] == [200, 200, 400]


def test_a_name_keeps_its_ending_and_nothing_that_misleads():
    sitting = Sitting()
    assert sitting.upload("..\\..\\bai\u202efdp.pdf").json()["name"] == "baifdp.pdf"
    long = sitting.upload(f"{'d' * 200}.pdf").json()["name"]
    assert len(long) <= 150 and long.endswith(".pdf")


def test_files_of_others_are_not_there_and_another_kind_of_question_takes_none():
    sitting, other = Sitting(), Sitting()
    sent = sitting.upload().json()
    assert other.client.get(sent["url"]).status_code == 404
    assert (
        sitting.client.post(
            sitting.url("upload_file", position=2), {"file": SimpleUploadedFile("a.pdf", PDF)}
        ).status_code
        == 404
    )
    stranger = make_person(unit=make_unit(), roles=[Role.TRAINER])
    assert browser_of(stranger).get(sent["url"]).status_code == 404
    assert sitting.client.post(sitting.url("upload_file", position=1)).status_code == 400


def test_a_trainer_opens_the_files_marks_them_and_the_learner_sees_both():
    sitting = Sitting()
    kept, unused = sitting.upload("nộp.pdf").json(), sitting.upload("bỏ.pdf").json()
    sitting.save(kept["id"])
    sitting.client.post(sitting.url("submit"))
    sitting.attempt.refresh_from_db()
    assert sitting.attempt.state == Attempt.State.SUBMITTED
    trainer = sitting.trainer()
    page = browser_of(trainer).get(
        reverse("assessments:mark_answer", kwargs={"code": sitting.enrolment.run.code, "pk": sitting.row.pk})
    )
    assert "nộp.pdf" in page.content.decode() and "bỏ.pdf" not in page.content.decode()
    assert browser_of(trainer).get(kept["url"]).status_code == 200
    points = {row["id"]: Decimal(3) for row in sitting.row.version.content["rubric"]}
    mark_answer(row=sitting.row, actor=trainer, now=timezone.now(), points=points, comment="Rõ ràng.")
    release_marks(quiz=sitting.quiz, run=sitting.enrolment.run, actor=trainer, now=timezone.now())
    result = sitting.client.get(sitting.url("result")).content.decode()
    assert "nộp.pdf" in result and kept["url"] in result and "Rõ ràng." in result
    assert unused["url"] not in result


def test_what_no_answer_names_is_cleared_away_a_day_after_and_never_from_an_open_attempt():
    sitting = Sitting()
    kept, unused = sitting.upload("a.pdf").json(), sitting.upload("b.pdf").json()
    sitting.save(kept["id"])
    AnswerFile.objects.update(uploaded_at=timezone.now() - timedelta(days=2))
    assert forget_unused_files_task() == 0
    sitting.client.post(sitting.url("submit"))
    path = AnswerFile.objects.get(public_id=unused["id"]).file.name
    assert forget_unused_files_task() == 1 and forget_unused_files_task() == 0
    assert [str(file.public_id) for file in AnswerFile.objects.all()] == [kept["id"]]
    assert path


@pytest.mark.django_db(transaction=True)
def test_bytes_go_with_the_person_and_come_along_in_the_export():
    sitting = Sitting()
    sitting.save(sitting.upload().json()["id"])
    learner = sitting.enrolment.learner
    (held,) = [file for file in files_of(learner) if file.path.startswith("bai-nop/")]
    assert private_storage().exists(held.name)
    redact_further(learner)
    assert not AnswerFile.objects.exists() and not private_storage().exists(held.name)
    assert sitting.client.post(sitting.url("open_tab")).status_code == 200
