"""The certificate as a file: small, whole, the same bytes every time, its code readable."""

import io
import unicodedata
from datetime import UTC, datetime

import pypdfium2
import pytest
import segno
from pypdf import PdfReader

from certificates.pdf import CURRENT_VERSION, render_certificate

MADE_AT = datetime(2019, 5, 31, 3, 0, tzinfo=UTC)
FIELDS = {
    "ministry": "Bộ Lao động - Thương binh và Xã hội",
    "school": "Trường Đào tạo, bồi dưỡng cán bộ, công chức Lao động - Xã hội",
    "salutation": "Bà",
    "full_name": "Nguyễn Thị Đào",
    "birth_date": "1985-03-15",
    "birth_year_only": False,
    "position": "Chuyên viên chính",
    "unit": "Cục Quản lý Lao động ngoài nước",
    "programme": "Ứng dụng công nghệ thông tin và cải cách hành chính",
    "periods": "40",
    "starts_on": "2019-05-02",
    "ends_on": "2019-05-31",
    "place": "Hà Nội",
    "issued_on": "2019-05-31",
    "signer_title": "KT. Hiệu trưởng / Phó Hiệu trưởng",
    "signer_name": "Trần Thị Hạnh",
    "number_text": "0001/2019/CC-ĐTBD",
    "verify_url": "https://boiduong.example/chung-chi/xac-thuc/AbCdEfGhIjKlMnOpQrStUv/",
}
LONG = {
    "ministry": "Bộ Lao động - Thương binh và Xã hội nước Cộng hòa xã hội chủ nghĩa Việt Nam",
    "school": "Trường Đào tạo, bồi dưỡng cán bộ, công chức, viên chức ngành Lao động - Thương binh và Xã hội phía Bắc",
    "full_name": "Công Tằng Tôn Nữ Nguyễn Hoàng Phương Thảo Nguyên Khánh Huyền",
    "position": "Phó Trưởng phòng phụ trách Phòng Tổng hợp - Hành chính - Quản trị và Công nghệ thông tin",
    "unit": "Trung tâm Kiểm định kỹ thuật an toàn khu vực II trực thuộc Cục An toàn lao động",
    "programme": "Bồi dưỡng kỹ năng ứng dụng công nghệ thông tin, chuyển đổi số và cải cách hành chính trong hoạt động "
    "của cơ quan nhà nước dành cho công chức, viên chức lãnh đạo, quản lý cấp phòng và tương đương thuộc Bộ",
    "signer_name": "Công Tằng Tôn Nữ Nguyễn Hoàng Phương Thảo Nguyên",
}


def rendered(*, kind: str = "chung_chi", **fields: object) -> bytes:
    return render_certificate(
        kind=kind, fields=FIELDS | fields, template_version=CURRENT_VERSION, made_at=MADE_AT
    )


def words(document: bytes) -> str:
    [page] = PdfReader(io.BytesIO(document)).pages
    return " ".join(unicodedata.normalize("NFC", page.extract_text()).split())


def test_the_same_fields_give_the_same_bytes_of_at_most_120_kb():
    document = rendered()
    assert document == rendered()
    assert len(document) <= 120_000


@pytest.mark.parametrize("kind", ["chung_chi", "giay_chung_nhan", "tap_huan"])
def test_the_longest_words_stand_on_the_one_sheet_whole(kind):
    text = words(rendered(kind=kind, **LONG))
    for field, value in LONG.items():
        if field in {"ministry", "school"}:
            value = value.upper()
        assert value in text, field


def test_every_letter_is_drawn_from_an_embedded_font():
    fonts = PdfReader(io.BytesIO(rendered())).pages[0]["/Resources"]["/Font"]
    used = [font.get_object() for font in fonts.values()]
    not_embedded = [font["/BaseFont"] for font in used if "/FontFile2" not in font.get("/FontDescriptor", {})]
    assert set(not_embedded) <= {
        "/Helvetica"
    }  # listed by ReportLab in every file, no letter is drawn with it


def test_the_code_on_the_sheet_is_that_of_the_address():
    sheet = pypdfium2.PdfDocument(rendered())[0].render(scale=300 / 72).to_pil().convert("L")
    matrix = segno.make(FIELDS["verify_url"], error="m", mask=4, micro=False, boost_error=False).matrix
    dot = 300 / 25.4  # pixels a millimetre
    module = 28 * dot / (len(matrix) + 4)
    left, top = 27 * dot + 2 * module, 157 * dot + 2 * module
    read = [
        [
            sheet.getpixel((round(left + (x + 0.5) * module), round(top + (y + 0.5) * module))) < 128
            for x in range(len(matrix))
        ]
        for y in range(len(matrix))
    ]
    assert read == [[bool(dark) for dark in row] for row in matrix]


def test_the_sheet_is_drawn_in_lines_and_stored_once():
    [page] = PdfReader(io.BytesIO(rendered())).pages
    pictures = [picture.get_object() for picture in page["/Resources"]["/XObject"].values()]
    assert [picture["/Subtype"] for picture in pictures] == ["/Form"]


def test_a_version_this_program_does_not_know_is_refused():
    with pytest.raises(LookupError):
        render_certificate(kind="chung_chi", fields=FIELDS, template_version=99, made_at=MADE_AT)
