"""The columns of a staff list, defined once: for reading, for the screen that maps headers, and for the errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from lms.core.vietnamese import fold

from .cells import BirthWidget, EmailWidget, GenderWidget, NameWidget, TextWidget, written
from .tcvn3 import from_tcvn3


class StaffResource(resources.Resource):
    """A row: a person and the posting that holds on the day of the import. ``column_name`` is the usual heading."""

    code = fields.Field(column_name="Mã cán bộ", widget=TextWidget(32))
    name = fields.Field(column_name="Họ và tên", widget=NameWidget(151, needed=True))
    birth = fields.Field(column_name="Ngày sinh", widget=BirthWidget())
    gender = fields.Field(column_name="Giới tính", widget=GenderWidget(10))
    unit = fields.Field(column_name="Mã đơn vị", widget=TextWidget(32, needed=True))
    position = fields.Field(column_name="Chức vụ", widget=TextWidget(150))
    rank_code = fields.Field(column_name="Mã ngạch", widget=TextWidget(16))
    email = fields.Field(column_name="Email công vụ", widget=EmailWidget(254))


COLUMNS: dict[str, fields.Field] = dict(StaffResource.fields)
NEEDED = ["name", "unit"]
LABELS = {
    "code": _("Staff code"),
    "name": _("Full name"),
    "birth": _("Birth date"),
    "gender": _("Gender"),
    "unit": _("Unit code"),
    "position": _("Position"),
    "rank_code": _("Rank code"),
    "email": _("Official e-mail"),
}
# Other headings people use, folded.
_ALSO = {
    "code": ["ma cb", "ma can bo cong chuc", "ma nhan vien", "ma nv", "so hieu cong chuc", "so hieu can bo", "staff code"],
    "name": ["ho ten", "ho va ten khai sinh", "ten can bo", "full name", "name"],
    "birth": ["nam sinh", "ngay thang nam sinh", "ngay, thang, nam sinh", "sinh ngay", "birth date"],
    "gender": ["phai", "nam nu", "gender"],
    "unit": ["ma dv", "don vi", "ma co quan", "ma phong ban", "unit code", "unit"],
    "position": ["chuc danh", "chuc vu hien tai", "chuc vu chuc danh", "position"],
    "rank_code": ["ngach", "ma so ngach", "ma ngach cong chuc", "ma so ngach cong chuc", "rank code"],
    "email": ["email", "e mail", "thu dien tu", "thu dien tu cong vu", "dia chi email", "hop thu cong vu", "official e mail"],
}  # fmt: skip


def _plain(heading: str) -> str:
    """Folded, with nothing but letters, digits and single spaces."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(heading)).split())


HEADINGS = {_plain(field.column_name): name for name, field in COLUMNS.items()} | {
    _plain(words): name for name, others in _ALSO.items() for words in others
}

Places = dict[str, int]  # column → its place in the row


def recognise(row: Sequence[Any], *, chosen: Mapping[str, str] | None = None) -> Places | None:
    """The columns a header row names, or None where it is no header: name and unit have to be there.

    ``chosen`` maps headings as they stand in the file to columns, before the usual ones; "" leaves a heading out.
    """
    by_hand = {_plain(heading): column for heading, column in (chosen or {}).items()}
    found: Places = {}
    for place, cell in enumerate(row):
        heading = _plain(written(cell))
        column = by_hand.get(heading, HEADINGS.get(heading, ""))
        if column and column not in found:
            found[column] = place
    return found if all(column in found for column in NEEDED) else None


def recognise_tcvn3(row: Sequence[Any], *, chosen: Mapping[str, str] | None = None) -> Places | None:
    """The same for a sheet typed in TCVN3 fonts."""
    return recognise([from_tcvn3(cell) if isinstance(cell, str) else cell for cell in row], chosen=chosen)
