"""The workbook trainers fill in: an example of every kind, and how each is written."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from assessments.models.banks import QuestionKind
from assessments.question_content import Row, Words

from .sheet import Kept, write

EXAMPLES = [
    Words(
        "single",
        "Cơ quan nào chủ trì theo dõi, đôn đốc công tác cải cách hành chính của một bộ?",
        [Row("Vụ Tổ chức cán bộ", True), Row("Trung tâm thông tin"), Row("Thanh tra bộ")],
        "Vụ Tổ chức cán bộ là đơn vị thường trực cải cách hành chính của bộ.",
    ),
    Words(
        "multiple",
        "Những việc nào bảo vệ tài khoản công vụ?",
        [
            Row("Bật xác thực hai bước", True),
            Row("Khóa màn hình khi rời máy", True),
            Row("Dùng chung mật khẩu với đồng nghiệp", feedback="Mật khẩu chỉ một người biết."),
        ],
    ),
    Words(
        "true_false",
        "Văn bản điện tử đã ký số có giá trị pháp lý như bản giấy.",
        [Row("Đúng", True), Row("Sai")],
    ),
    Words(
        "short", "Tên viết tắt của Cổng dịch vụ công quốc gia là gì?", [Row("DVCQG", True)], matching="marks"
    ),
    Words(
        "number",
        "Một hồ sơ đính kèm nặng 2,5 MB là bao nhiêu KB (1 MB = 1000 KB)?",
        [Row("2500", True)],
        tolerance=Decimal(1),
        units="KB; MB=1000",
    ),
    Words(
        "matching",
        "Ghép công cụ với việc nên dùng.",
        [
            Row("Bảng tính", match="Tổng hợp số liệu"),
            Row("Trình soạn thảo", match="Soạn công văn"),
            Row("", match="Họp trực tuyến"),
        ],
    ),
    Words(
        "ordering",
        "Xếp các bước xử lý văn bản đến.",
        [Row("Tiếp nhận"), Row("Đăng ký"), Row("Trình lãnh đạo"), Row("Chuyển đơn vị xử lý")],
    ),
    Words("gaps", "Văn bản đi được [[đăng ký]] và [[*đóng dấu|photocopy]] trước khi phát hành.", []),
    Words(
        "essay",
        "Trình bày một việc đơn vị anh/chị có thể bỏ bớt giấy tờ.",
        [Row("Nêu đúng việc", match="4"), Row("Có cách làm", match="6")],
    ),
    Words(
        "file",
        "Nộp kế hoạch ứng dụng CNTT năm 2019 của đơn vị anh/chị.",
        [Row("Đúng mẫu", match="2"), Row("Việc làm cụ thể, có người chịu trách nhiệm", match="8")],
    ),
]
ADVICE = {
    "single": _("A row for each choice; x in the column “Right” of the right one."),
    "multiple": _("A row for each choice; x at every right one. A wrong tick costs what a right one earns."),
    "true_false": _("Two rows, “True” and “False”; x at the right one."),
    "short": _("A row for each accepted answer. “Written answers” says whether capitals and marks count."),
    "number": _("A row for each accepted number; “Tolerance” counts to both sides, “Units” as km; m=0,001."),
    "matching": _("A row for each pair; a row with “Goes with” alone is one too many to choose from."),
    "ordering": _("A row for each step, in the right order."),
    "gaps": _("One row; gaps stand in the question: [[right answer]] or [[*right|wrong]]."),
    "essay": _("A row for each criterion; its points in the column “Goes with”."),
    "file": _("As for an essay; learners hand in files."),
}


def template() -> bytes:
    """The workbook, in the reader's language; codes are left empty, so that the bank numbers them."""
    questions: Iterator[Kept] = (Kept("", "easy", words) for words in EXAMPLES)
    advice = [(QuestionKind(kind).label, str(text)) for kind, text in ADVICE.items()]
    return write(questions, advice=advice)
