"""Pictures and sounds of questions: uploaded in the CMS, frozen with the words, shown to who was asked and to nobody else."""

import base64
import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from assessments.media_content import MediaTooLarge, MediaUnfit, prepare
from assessments.models import Attempt, MediaFile, Question, QuestionVersion
from assessments.question_files import read_questions
from assessments.services.banks import put_question
from assessments.services.preparing import prepare_attempts
from assessments.services.question_export import export_bank
from assessments.services.question_faults import QuestionInvalid
from assessments.services.question_import import import_questions
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_category, make_learner_of, make_question
from tests.factories.courses import make_course, make_enrolment
from tests.factories.kinds import make_picture_quiz, picture
from tests.factories.organisations import make_person, make_unit

from .test_banks import admin_url, question_fields, rows
from .test_question_packages import CHOICE, choices, item, manifest, packed

pytestmark = pytest.mark.django_db


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def address(file: MediaFile) -> str:
    return reverse("assessments:media", kwargs={"sha256": file.sha256})


@pytest.fixture
def quiz():
    return make_picture_quiz(module=make_course(modules=1, lessons=1).get_children().get().specific)


@pytest.fixture
def enrolment(quiz):
    return make_learner_of(quiz)


def page(client: Client, attempt: Attempt, name: str = "attempt") -> str:
    return client.get(
        reverse(f"assessments:{name}", kwargs={"public_id": attempt.public_id})
    ).content.decode()


# --- Asked and shown ------------------------------------------------------------------------------------------
def test_the_paper_shows_them_with_their_descriptions_and_the_explanation_s_only_in_the_review(
    quiz, enrolment
):
    client = browser_of(enrolment.learner)
    attempt = begin(quiz, enrolment)
    shown = page(client, attempt)
    for said in ("Sơ đồ một cửa", "Nút xanh"):
        assert f'alt="{said}" width="40" height="20"' in shown
    assert "<audio controls" in shown and 'aria-label="Lời chào"' in shown and "Lời giải" not in shown
    assert "![" not in shown
    client.post(reverse("assessments:submit", kwargs={"public_id": attempt.public_id}))
    result = page(client, attempt, "result")
    assert 'alt="Lời giải"' in result and 'alt="Nút xanh"' in result and "![" not in result


def test_the_bytes_come_under_their_fingerprint_to_be_kept_by_the_browser_alone(quiz, enrolment):
    begin(quiz, enrolment)
    client = browser_of(enrolment.learner)
    kinds = set()
    for file in MediaFile.objects.all():
        reply = client.get(address(file))
        assert reply["Cache-Control"].startswith("private") and reply["X-Content-Type-Options"] == "nosniff"
        kinds.add(reply["Content-Type"])
        assert b"".join(reply.streaming_content) == file.file.open().read()
    assert kinds == {"image/png", "audio/mpeg"}


def test_who_was_not_asked_gets_nothing(quiz, enrolment):
    file = MediaFile.objects.earliest("pk")
    neighbour = make_enrolment(run=enrolment.run, state="in_progress")
    prepare_attempts(quiz=quiz, now=timezone.now())
    for person in (enrolment.learner, neighbour.learner):
        assert browser_of(person).get(address(file)).status_code == 404
    begin(quiz, enrolment)
    assert browser_of(enrolment.learner).get(address(file)).status_code == 200
    assert browser_of(neighbour.learner).get(address(file)).status_code == 404
    assert Client().get(address(file)).status_code == 302


def test_without_a_way_back_the_pictures_of_later_questions_are_not_given_out():
    module = make_course(modules=1, lessons=1).get_children().get().specific
    quiz = make_picture_quiz(module=module, navigation="forward")
    bank = quiz.draws.get().category
    make_question(bank, code="A-dau", stem="Câu đầu?")
    quiz.draws.update(count=2)
    quiz.shuffle = False
    quiz.save()
    enrolment = make_learner_of(quiz)
    attempt = begin(quiz, enrolment)
    client, file = browser_of(enrolment.learner), MediaFile.objects.earliest("pk")
    assert client.get(address(file)).status_code == 404
    client.post(
        reverse("assessments:move_on", kwargs={"public_id": attempt.public_id}),
        {"position": 1, "tab_token": attempt.tab_token},
    )
    assert client.get(address(file)).status_code == 200


def test_an_attempt_keeps_the_picture_it_was_begun_with(quiz, enrolment):
    attempt = begin(quiz, enrolment)
    before = page(browser_of(enrolment.learner), attempt)
    asked = Question.objects.get()
    old = {one.name: one.stored.sha256 for one in asked.media.all()}
    files = {one.name: one.stored.file.open().read() for one in asked.media.all()} | {
        "so-do": picture(colour="navy")
    }
    put_question(
        category=asked.category, code=asked.code, kind=asked.kind, stem=asked.stem, choices=asked.rows,
        feedback=asked.feedback, media=files, actor=None, now=timezone.now(),
    )  # fmt: skip
    assert QuestionVersion.objects.count() == 2
    after = page(browser_of(enrolment.learner), attempt)
    assert old["so-do"] in before and old["so-do"] in after
    assert (
        browser_of(enrolment.learner).get(address(MediaFile.objects.get(sha256=old["so-do"]))).status_code
        == 200
    )


# --- Written ----------------------------------------------------------------------------------------------------
def test_a_trainer_uploads_a_picture_in_the_cms_and_it_is_checked():
    trainer = browser_of(make_person(unit=make_unit(), roles=[Role.TRAINER]))
    category = make_category()
    words = {"stem": "Đây là gì? ![Sơ đồ](so-do)"}

    def post(name: str, content: bytes, **more):
        file = SimpleUploadedFile("a.png", content)
        fields = question_fields(category, **words | more) | rows("media", [{"name": name, "file": file}])
        return trainer.post(admin_url("question", "add"), fields)

    refused = post("so-do", b"<svg/>")
    assert refused.status_code == 200 and "Hãy gửi hình" in refused.content.decode()
    other_name = post("khac", picture())
    assert "không có hình hoặc âm thanh tên “so-do”" in other_name.content.decode()
    undescribed = post("so-do", picture(), stem="Gì? ![](so-do)")
    assert "Hãy mô tả" in undescribed.content.decode()
    assert not Question.objects.exists()
    assert post("so-do", picture()).status_code == 302
    version = Question.objects.get().current_version
    assert [file.source for file in version.media.all()] == [MediaFile.objects.get().source]
    assert MediaFile.objects.get().sha256 in version.content["stem"]
    edit = trainer.get(admin_url("question", "edit", Question.objects.get().pk))
    assert edit.status_code == 200
    shown = edit.content.decode()
    assert address(MediaFile.objects.get()) in shown and "/media/question-media" not in shown
    asked = Question.objects.get()
    lines = [
        {"id": one.pk, "text": one.text, "is_correct": "on" if one.is_correct else False}
        for one in asked.choices.all()
    ]
    kept = [{"id": asked.media.get().pk, "name": "so-do", "file": ""}]
    changed = question_fields(category, code=asked.code, **words | {"feedback": "Thêm lời."})
    changed |= rows("choices", lines) | rows("media", kept)
    assert trainer.post(admin_url("question", "edit", asked.pk), changed).status_code == 302
    assert Question.objects.get().current_version.number == 2
    assert Question.objects.get().current_version.media.get() == MediaFile.objects.get()


def test_the_same_picture_is_kept_once_and_a_list_names_it_in_words():
    category = make_category()
    for code in ("A", "B"):
        make_question(category, code=code, stem=f"{code}: ![Sơ đồ](x)", media={"x": picture()})
    assert MediaFile.objects.count() == 1
    assert str(Question.objects.get(code="A")) == "A: A: [Sơ đồ]"


def test_a_picture_that_is_not_there_keeps_a_question_from_being_asked():
    with pytest.raises(QuestionInvalid) as fault:
        make_question(make_category(), stem="![Sơ đồ](so-do)")
    assert fault.value.place == "stem"


# --- Bytes ------------------------------------------------------------------------------------------------------
def test_a_photograph_is_turned_upright_made_smaller_and_loses_what_the_camera_noted():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Máy ảnh"  # turned by 90 degrees; the maker
    target = io.BytesIO()
    Image.new("RGB", (3000, 1000), "teal").save(target, "JPEG", exif=exif)
    made = prepare(target.getvalue())
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.size == (made.width, made.height) == (533, 1600) and not image.getexif()
    assert made.ending == "jpg"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_of_each_format_are_taken(file_format):
    made = prepare(picture(file_format=file_format))
    assert made.source.startswith("picture:") and made.source.endswith(":40x20")


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg/>", b"\x89PNG\r\n\x1a\nbroken", b"BM......", b"MZ"],
    ids=["empty", "svg", "broken", "bmp", "exe"],
)
def test_what_is_no_picture_and_no_sound_is_refused(content):
    with pytest.raises(MediaUnfit):
        prepare(content)


def test_too_many_bytes_or_pixels_are_refused(monkeypatch):
    monkeypatch.setattr("assessments.media_content.MOST_PIXELS", 100)
    with pytest.raises(MediaTooLarge):
        prepare(picture())
    monkeypatch.setattr("assessments.media_content.MOST_BYTES", 10)
    with pytest.raises(MediaTooLarge):
        prepare(picture(size=(2, 2)))


# --- In files of questions --------------------------------------------------------------------------------------
def load(category, content: bytes) -> list:
    name, questions = read_questions(content)
    return import_questions(questions, category=category, actor=None, now=timezone.now(), file_format=name)


def emptied() -> None:
    Question.objects.update(current_version=None)
    QuestionVersion.objects.all().delete()
    Question.objects.all().delete()


@pytest.mark.parametrize("file_format", ["moodlexml", "qti"])
def test_they_go_out_with_the_questions_and_come_back_unchanged_or_into_an_empty_bank(file_format):
    category = make_category()
    make_question(
        category,
        code=f"{category.code}-1",
        stem="Đây là gì? ![Sơ đồ “một cửa”](so-do)\n<b>Nghe</b> ![Lời chào](chao)",
        choices=[("![Nút xanh](xanh)", True, "", "Đúng: ![Lời giải](giai)"), ("Không phải", False)],
        feedback="Xem lại ![Sơ đồ](so-do).",
        media={
            "so-do": picture(file_format="JPEG"),
            "xanh": picture(colour="green"),
            "giai": picture(colour="red"),
            "chao": b"ID3\x04sound",
        },
    )
    make_question(
        category, code=f"{category.code}-2", kind="matching", stem="Ghép.", media={"a": picture(), "b": picture(colour="green")},
        choices=[("![A](a)", False, "một"), ("hai", False, "![B](b)")],
    )  # fmt: skip
    exported = export_bank(category=category, file_format=file_format, actor=None, now=timezone.now()).content
    assert [line.outcome.value for line in load(category, exported)] == ["unchanged"] * 2
    before = {question.code: question.words for question in Question.objects.all()}
    emptied()
    assert [line.outcome.value for line in load(category, exported)] == ["created"] * 2
    assert {question.code: question.words for question in Question.objects.all()} == before


def moodle(body: str, *files: tuple[str, bytes]) -> bytes:
    sent = "".join(
        f'<file name="{name}" path="/" encoding="base64">{base64.b64encode(content).decode()}</file>'
        for name, content in files
    )
    return (
        '<quiz><question type="truefalse"><questiontext format="html"><text><![CDATA['
        f"{body}]]></text>{sent}</questiontext>"
        '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>'
        "</question></quiz>"
    ).encode()


def test_pictures_of_another_system_come_along_and_what_is_none_refuses_its_question():
    category = make_category()
    body = '<p>Xem <img src="@@PLUGINFILE@@/S%C6%A1%20%C4%91%E1%BB%93.png" alt="Sơ đồ" width="9"></p>'
    (line,) = load(category, moodle(body, ("Sơ đồ.png", picture())))
    assert line.outcome.value == "created"
    assert Question.objects.get().stem == "Xem ![Sơ đồ](so-do.png)"
    (again,) = load(category, moodle(body, ("Sơ đồ.png", picture())))
    assert again.outcome.value == "unchanged"
    (other,) = load(category, moodle(body, ("Sơ đồ.png", picture(colour="navy"))))
    assert other.outcome.value == "created" or other.outcome.value == "changed"
    without_words = moodle('<img src="@@PLUGINFILE@@/hinh.png" alt="">', ("hinh.png", picture()))
    assert load(make_category(), without_words)[0].stem == "![hinh](hinh.png)"
    damaged = moodle('<img src="@@PLUGINFILE@@/a.png" alt="A">').replace(
        b"</questiontext>", b'<file name="a.png" encoding="base64">!</file></questiontext>'
    )
    for bad in (
        moodle('<img src="@@PLUGINFILE@@/a.png" alt="A">', ("a.png", b"<svg/>")),
        moodle('<img src="@@PLUGINFILE@@/a.png" alt="A">'),
        moodle('<a href="@@PLUGINFILE@@/a.pdf">A</a>', ("a.pdf", b"%PDF-1.7")),
        moodle('<img src="https://example.org/a.png" alt="A">'),
damaged,
    ):  # fmt: skip
        (refused,) = load(make_category(), bad)
        assert refused.outcome.value == "refused" and str(refused.reason), bad


def test_pictures_of_a_qti_package_come_along_and_one_that_is_not_in_it_refuses_its_item():
    body = (
        '<p>Xem <img src="../images/h%C3%ACnh%201.png" alt=""/></p>'
        '<object data="../images/h%C3%ACnh%201.png" type="image/png">Sơ đồ</object>'
        + CHOICE.format(most=1, choices=choices("Huế", "Hà Nội"))
    )
    files = {"imsmanifest.xml": manifest("items/one.xml"), "items/one.xml": item(body, correct=["B"])}
    (line,) = load(make_category(), packed(files | {"images/hình 1.png": picture()}))
    assert line.outcome.value == "created"
    asked = Question.objects.get()
    assert asked.stem.startswith("Xem ![hình 1](hinh-1.png)") and "![Sơ đồ](hinh-1.png)" in asked.stem
    assert [one.name for one in asked.media.all()] == ["hinh-1.png"]
    (missing,) = load(make_category(), packed(files))
    (no_picture,) = load(make_category(), packed(files | {"images/hình 1.png": b"<svg/>"}))
    for refused in (missing, no_picture):
        assert refused.outcome.value == "refused" and str(refused.reason)


def test_a_file_that_is_too_large_with_its_pictures_says_so_in_the_cms():
    trainer = browser_of(make_person(unit=make_unit(), roles=[Role.TRAINER]))
    target = io.BytesIO()
    Image.effect_noise((1500, 1500), 90).save(target, "PNG")
    many = moodle("".join(f'<img src="@@PLUGINFILE@@/{n}.png" alt="{n}">' for n in range(2)),
                  *((f"{n}.png", target.getvalue()[:1_955_000]) for n in range(2)))  # fmt: skip
    file = SimpleUploadedFile("cau-hoi.xml", many)
    page = trainer.post(reverse("question_import"), {"category": make_category().pk, "file": file})
    assert page.status_code == 422 and "hình" in page.content.decode()
