"""What the pattern page shows in each component: invented people and figures, in Vietnamese as on screen."""

from datetime import UTC, datetime
from types import SimpleNamespace

from django import forms, template
from django.core.paginator import Paginator

register = template.Library()

MOMENT = datetime(2019, 5, 31, 1, 30, tzinfo=UTC)


class SampleForm(forms.Form):
    """One field of every kind the forms of the platform use."""

    name = forms.CharField(label="Họ và tên", help_text="Ghi đúng như trong quyết định.")
    unit = forms.ChoiceField(
        label="Đơn vị",
        choices=[("", "Chọn đơn vị"), ("TCGDNN", "Tổng cục Giáo dục nghề nghiệp"), ("CVL", "Cục Việc làm")],
    )
    birth_date = forms.DateField(
        label="Ngày sinh", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    periods = forms.IntegerField(label="Số tiết", required=False)
    form_of_study = forms.ChoiceField(
        label="Hình thức học",
        widget=forms.RadioSelect,
        choices=[("online", "Tự học trực tuyến"), ("blended", "Kết hợp trực tuyến và tập trung")],
    )
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    confirmed = forms.BooleanField(label="Tôi xác nhận thông tin trên là đúng")


class SampleFilter(forms.Form):
    q = forms.CharField(label="Từ khóa", required=False)
    unit = forms.ChoiceField(
        label="Đơn vị", required=False, choices=[("", "Tất cả đơn vị"), ("CVL", "Cục Việc làm")]
    )
    state = forms.ChoiceField(
        label="Trạng thái", required=False, choices=[("", "Tất cả"), ("overdue", "Quá hạn")]
    )


class SampleUpload(forms.Form):
    file = forms.FileField(
        label="Danh sách học viên", help_text="Tệp .xlsx hoặc .csv, tối đa 5 MB, 20.000 dòng."
    )


def invalid_form() -> SampleForm:
    form = SampleForm({"name": "", "unit": "TCGDNN", "form_of_study": "online"}, auto_id="wrong_%s")
    form.is_valid()
    return form


COURSES = [
    {
        "code": "CCHC-01",
        "title": "Cải cách hành chính: nội dung và cách đo lường",
        "summary": "Sáu nội dung cải cách, Chỉ số cải cách hành chính và Chỉ số hài lòng: đo cái gì, ai chấm.",
        "tiet": 8,
        "lessons": 5,
        "percent": 100,
        "state": "completed",
    },
    {
        "code": "CCHC-02",
        "title": "Một cửa, kiểm soát thủ tục và dịch vụ công trực tuyến",
        "summary": "Đường đi của một hồ sơ từ lúc tiếp nhận đến lúc trả kết quả; hồ sơ thiếu, hồ sơ quá hạn.",
        "tiet": 8,
        "lessons": 5,
        "percent": 40,
        "state": "in_progress",
    },
    {
        "code": "ATTT-06",
        "title": "An toàn thông tin và bảo vệ dữ liệu cá nhân",
        "summary": "Nhận ra thư lừa đảo, giữ mật khẩu, xử lý dữ liệu cá nhân đúng quy định.",
        "tiet": 6,
        "lessons": 5,
        "percent": 0,
        "state": "not_started",
    },
]

# unit, people, participations, distinct, done, due soon, overdue, mean score
UNIT_ROWS = [
    ("Tổng cục Giáo dục nghề nghiệp", 5, 12, 5, 3, 1, 1, 82.5),
    ("Cục Quản lý lao động ngoài nước", 2, 4, 2, 2, 0, 0, 91),
    ("Trung tâm Điều dưỡng thương binh và người có công Lạng Giang", 1, 1, 1, 0, 0, 1, 47.25),
    ("Văn phòng Bộ", 4, 1204, 4, 3, 1, 0, 78),
]


def job(state: str, **extra) -> dict:
    return {"url": "/patterns/", "title": "Cấp giấy chứng nhận lớp K01", "state": state, **extra}


@register.simple_tag
def pattern_samples() -> dict:
    """Everything the pattern page needs, so that its view passes nothing."""
    lesson_titles = [
        ("Vì sao phải cải cách hành chính?", "done", 12),
        ("Sáu nội dung cải cách", "done", 18),
        ("Đọc hiểu Chỉ số cải cách hành chính cấp bộ", "current", 20),
        ("SIPAS: nghe người dân chấm điểm", "open", 14),
        ("Thực hành: kế hoạch cải cách hành chính của đơn vị", "locked", None),
    ]
    outline = [
        {"title": title, "url": "#", "state": state, "minutes": m} for title, state, m in lesson_titles
    ]
    return {
        "form": SampleForm(),
        "wrong": invalid_form(),
        "filter": SampleFilter(auto_id="filter_%s"),
        "upload": SampleUpload(),
        "page": Paginator(range(1204), 50).page(7),
        "now": MOMENT,
        "courses": COURSES,
        "rows": UNIT_ROWS,
        "states": (
            "done on_track due_soon overdue exempt joined_late nominated waiting completed failed withdrawn "
            "draft full closed recognised issued replaced revoked submitted"
        ).split(),
        "tones": ["neutral", "info", "success", "warning", "danger"],
        "breadcrumbs": [
            {"title": "Trang chủ", "url": "/"},
            {"title": "Lớp bồi dưỡng", "url": "#"},
            {"title": "Ứng dụng CNTT và cải cách hành chính, khóa 01/2019"},
        ],
        "tabs": [
            {"title": "Học viên", "url": "#", "active": True, "count": 80},
            {"title": "Buổi học", "url": "#", "count": 10},
            {"title": "Bảng điểm", "url": "#"},
            {"title": "Chứng nhận", "url": "#"},
        ],
        "timeline": [
            {"title": "Được cử đi học", "when": MOMENT, "actor": "Nguyễn Văn Hùng", "icon": "user-plus"},
            {"title": "Quyết định mở lớp số 123/QĐ-TĐT", "when": MOMENT, "icon": "stamp", "tone": "info"},
            {
                "title": "Hoàn thành chương trình",
                "text": "40 tiết, 6 chuyên đề",
                "when": MOMENT,
                "icon": "circle-check",
                "tone": "success",
            },
        ],
        "facts": [
            {"label": "Số vào sổ", "value": "0001/2019/GCN", "numeric": True},
            {"label": "Người được cấp", "value": "Đặng Thị Ánh Nguyệt"},
            {"label": "Đơn vị", "value": "Cục Phòng, chống tệ nạn xã hội"},
            {"label": "Thay cho", "value": ""},
        ],
        "steps": [
            {"title": "Tiếp nhận.", "text": "Kiểm tra thành phần hồ sơ, ghi giấy hẹn trả kết quả."},
            {"title": "Thẩm định.", "text": "Chuyên viên xem xét, hỏi ý kiến đơn vị liên quan khi cần."},
            {"title": "Trả kết quả.", "text": "Thông báo cho người dân, cập nhật trạng thái trên hệ thống."},
        ],
        "choices": [
            {"text": "Quy mô biên chế của cơ quan", "correct": True},
            {"text": "Tiếp cận dịch vụ"},
            {"text": "Kết quả dịch vụ"},
            {"text": "Tiếp nhận, giải quyết góp ý"},
        ],
        "outline": [{"title": "CCHC-01. Cải cách hành chính: nội dung và cách đo lường", "items": outline}],
        "previous": {"title": "Sáu nội dung cải cách", "url": "#"},
        "next": {"title": "SIPAS: nghe người dân chấm điểm", "url": "#"},
        "jobs": [
            job("waiting"),
            job("running", done=1204, total=5000, percent=24.1, message="Còn khoảng 3 phút."),
            job("done", done=5000, total=5000, percent=100, result_url="#", result_label="Tải tệp kết quả"),
            job("failed", message="Không ghi được tệp. Chưa số nào bị dùng; có thể chạy lại."),
        ],
        "notice": SimpleNamespace(level_tag="success"),
    }
