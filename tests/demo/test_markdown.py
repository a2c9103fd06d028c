"""Authored Markdown becomes blocks; what is wrong is told with its place."""

from pathlib import Path

import pytest

from lms.demo.markdown import ContentError, read_document, to_blocks


def write(folder: Path, body: str) -> Path:
    path = folder / "bai.md"
    path.write_text(f"---\ntitle: Thử\nslug: thu\n---\n{body}", encoding="utf-8")
    return path


def blocks_of(folder: Path, body: str, image=lambda name, alt, caption: 7):
    return to_blocks(read_document(write(folder, body)), image)


def test_paragraphs_between_headings_are_one_text_block(tmp_path):
    assert blocks_of(tmp_path, "Một.\n\n- hai\n\n## Mục\n\nBa **đậm**.") == [
        ("text", "<p>Một.</p>\n<ul>\n<li>hai</li>\n</ul>"),
        ("heading", {"text": "Mục", "level": "2"}),
        ("text", "<p>Ba <strong>đậm</strong>.</p>"),
    ]


def test_a_table_keeps_its_headings_and_cells(tmp_path):
    (block,) = blocks_of(tmp_path, "| A | B |\n|---|---|\n| 1 | *2* |")
    assert block[0] == "table"
    assert [column["heading"] for column in block[1]["table"]["columns"]] == ["A", "B"]
    assert block[1]["table"]["rows"] == [{"values": ["1", "<em>2</em>"]}]


def test_the_four_containers(tmp_path):
    body = (
        '::: callout law "Căn cứ"\nNghị định.\n:::\n'
        '::: steps "Làm"\n1. **Một.** Mở\n   rồi đọc.\n2. Hai\n:::\n'
        '::: figure so-do.svg "Chú thích" alt="Mô tả"\n:::\n'
        '::: check "Hỏi?"\n- [ ] Sai\n- [x] Đúng\n> Vì thế.\n:::'
    )
    callout, steps, figure, check = blocks_of(tmp_path, body)
    assert callout == ("callout", {"kind": "law", "title": "Căn cứ", "text": "<p>Nghị định.</p>"})
    assert steps[1]["steps"] == ["<p><strong>Một.</strong> Mở\nrồi đọc.</p>", "<p>Hai</p>"]
    assert figure == ("figure", {"image": 7, "alt_text": "Mô tả", "caption": "Chú thích"})
    assert check[1]["choices"] == [{"text": "Sai", "is_correct": False}, {"text": "Đúng", "is_correct": True}]
    assert check[1]["explanation"] == "Vì thế."


def test_html_in_markdown_is_text(tmp_path):
    assert blocks_of(tmp_path, "<script>alert(1)</script>")[0][1].startswith("<p>&lt;script&gt;")


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("một\n\n::: callout note\nhai\n", 7, "never closed"),
        ("::: bang\n:::\n", 5, "unknown container bang"),
        ("\n::: callout hint\nx\n:::\n", 6, "unknown callout 'hint'"),
        ('::: figure a.svg "Chú thích"\n:::\n', 5, "alt text"),
        ('::: check "Hỏi?"\n- [ ] Sai\n- [ ] Cũng sai\n:::\n', 5, "a right one"),
        ('::: check "Hỏi?"\n- [x] Đúng\nlạc lõng\n:::\n', 7, "choices"),
        ("::: steps\nkhông số\n:::\n", 5, "numbered"),
    ],
)
def test_an_error_names_file_and_line(tmp_path, body, line, words):
    with pytest.raises(ContentError) as error:
        blocks_of(tmp_path, body)
    assert str(error.value).startswith(f"{tmp_path / 'bai.md'}:{line}: ")
    assert words in str(error.value)


def test_a_missing_figure_is_told_at_its_line(tmp_path):
    def nothing(name, alt, caption):
        raise FileNotFoundError(name)

    with pytest.raises(ContentError, match=r"bai\.md:5: no figure a\.svg"):
        blocks_of(tmp_path, '::: figure a.svg "x" alt="y"\n:::', image=nothing)


def test_broken_front_matter_is_told_at_its_line(tmp_path):
    path = tmp_path / "bai.md"
    path.write_text("---\ntitle: a\nslug: [b\n---\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"bai\.md:\d+: front matter"):
        read_document(path)
    path.write_text("không có phần đầu", encoding="utf-8")
    with pytest.raises(ContentError, match=r"bai\.md:1: "):
        read_document(path)
