"""Every block is shown as it should be, and can be looked at before it is chosen."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import RequestFactory
from wagtail.blocks import StructBlockValidationError
from wagtail.documents.models import Document

from cms.blocks import CheckQuestionBlock, LessonBlocks, sections, with_anchors
from tests.factories.cms import make_drawing, make_news, make_photograph, make_standard_page

pytestmark = pytest.mark.django_db


def stream(*blocks):
    return LessonBlocks().to_python([{"type": kind, "value": value} for kind, value in blocks])


def shown(client, *blocks) -> str:
    page = make_standard_page(body=[{"type": kind, "value": value} for kind, value in blocks])
    response = client.get(page.get_url())
    assert response.status_code == 200
    return response.content.decode()


def test_headings_get_anchors_without_marks_and_never_the_same_twice():
    body = stream(
        ("heading", {"text": "Đường đi của hồ sơ", "level": "2"}),
        ("heading", {"text": "Lỗi thường gặp", "level": "2"}),
        ("text", "<p>Một đoạn.</p>"),
        ("heading", {"text": "Lỗi thường gặp", "level": "3"}),
    )
    assert [section.anchor for section in sections(body)] == [
        "duong-di-cua-ho-so",
        "loi-thuong-gap",
        "loi-thuong-gap-4",
    ]
    assert len({anchor for _block, anchor in with_anchors(body)}) == 4


def test_a_drawing_is_shown_as_it_is_with_its_size(client):
    html = shown(
        client, ("figure", {"image": make_drawing().pk, "alt_text": "Năm chặng", "caption": "Một cửa"})
    )
    assert 'alt="Năm chặng"' in html
    assert 'width="800"' in html
    assert 'height="400"' in html
    assert "<figcaption>Một cửa</figcaption>" in html


def test_a_photograph_is_offered_in_several_widths(client):
    html = shown(client, ("figure", {"image": make_photograph().pk, "alt_text": "", "caption": ""}))
    assert html.count(".webp") >= 3
    assert "srcset=" in html


def table(columns: int) -> dict:
    return {
        "caption": "Ba chỉ số",
        "table": {
            "columns": [{"type": "text", "heading": f"Cột {n}"} for n in range(columns)],
            "rows": [{"values": [f"<p>Ô {n}</p>" for n in range(columns)]}],
            "caption": "",
        },
    }


def test_a_narrow_table_becomes_cards_on_a_phone_and_a_wide_one_scrolls(client):
    narrow = shown(client, ("table", table(3)))
    assert 'class="table table--cards"' in narrow
    assert 'data-label="Cột 2"' in narrow
    wide = shown(client, ("table", table(6)))
    assert 'class="table-scroll" role="region"' in wide
    assert "<caption>Ba chỉ số</caption>" in wide


def test_callout_steps_quote_and_document_are_shown(client):
    document = Document.objects.create(title="Mẫu 01", file=ContentFile(b"%PDF-1.4", name="mau-01.pdf"))
    html = shown(
        client,
        ("callout", {"kind": "law", "title": "Căn cứ", "text": "<p>Nghị định <b>30/2020</b>.</p>"}),
        ("steps", {"title": "Ba bước", "steps": ["<p><b>Mở tệp.</b></p>", "<p>Ký.</p>"]}),
        ("quote", {"text": "Tôi đi ba lần.", "source": "Phiếu hỏi"}),
        ("document", {"document": document.pk, "note": "Mẫu báo cáo quý"}),
    )
    assert "callout--law" in html
    assert "Nghị định <b>30/2020</b>" in html
    assert "<b>Mở tệp.</b>" in html
    assert "<blockquote>" in html
    assert "Mẫu báo cáo quý" in html
    assert document.url in html


def test_a_check_question_works_without_scripts(client):
    block = CheckQuestionBlock()
    value = block.to_python(
        {
            "question": "Một tiết dài bao lâu?",
            "choices": [{"text": "45 phút", "is_correct": True}, {"text": "60 phút", "is_correct": False}],
            "explanation": "Theo quy định.",
        }
    )
    html = block.render(value, context={"anchor": "check_question-1", "request": RequestFactory().get("/")})
    assert "<details>" in html
    assert "Theo quy định." in html
    assert 'type="radio"' in html


def test_a_check_question_needs_a_right_choice():
    block = CheckQuestionBlock()
    value = block.to_python(
        {"question": "?", "choices": [{"text": "a", "is_correct": False}, {"text": "b", "is_correct": False}]}
    )
    with pytest.raises((StructBlockValidationError, ValidationError)):
        block.clean(value)


@pytest.mark.parametrize("name", list(LessonBlocks().child_blocks))
def test_the_block_chooser_previews_every_block(name, admin_client):
    make_drawing()
    Document.objects.create(title="Mẫu", file=ContentFile(b"x", name="mau.pdf"))
    block = LessonBlocks().child_blocks[name]
    assert block.is_previewable
    response = admin_client.get("/quan-tri/block-preview/", {"id": block.definition_prefix})
    assert response.status_code == 200
    assert b"cms/public.css" in response.content


def test_words_of_the_body_are_found_by_search():
    page = make_news(
        title="Chữ ký số",
        body=[{"type": "callout", "value": {"kind": "note", "title": "", "text": "<p>Đúng hẹn</p>"}}],
    )
    assert "dung hen" in page.folded_text
