"""What a cell of a staff list means: one widget for each kind of cell. ``clean`` raises ValueError, saying what to do."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from lms.core.spreadsheets import FORMULA_STARTS
from lms.core.vietnamese import fold, nfc, split_full_name
from lms.users.models import Gender

from .tcvn3 import looks_like_tcvn3

EARLIEST_BIRTH = date(1900, 1, 1)
# Day 0 of Excel's count, for days after February 1900.
EXCEL_EPOCH = date(1899, 12, 30)
ERROR_CELLS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
NOTHING = {"-", "–", "—", "."}


class Birth(NamedTuple):
    """A birth date; where only the year, or year and month, are known, ``day`` is the first of them."""

    day: date
    year_only: bool


class PersonName(NamedTuple):
    last_name: str
    first_name: str


def written(value: Any) -> str:
    """The cell as it reads in the sheet, in NFC; a code typed as a number has no decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")
    return nfc(str(value))


class TextWidget(Widget):
    """Plain text up to a length; formulas, cell errors and text in an old encoding are refused."""

    def __init__(self, most: int, *, needed: bool = False) -> None:
        super().__init__()
        self.most, self.needed = most, needed

    def clean(self, value: Any, row: dict | None = None, **kwargs) -> Any:
        text = plain_text(value)
        if not text and self.needed:
            raise ValueError(_("Nothing is filled in."))
        if len(text) > self.most:
            raise ValueError(_("Longer than %(most)d characters.") % {"most": self.most})
        return text


# Units, positions and ranks of a list are a few words said a thousand times.
@lru_cache(maxsize=8192, typed=True)
def plain_text(value: Any) -> str:
    """The text of a cell that holds plain text, "" for none. Raises ValueError."""
    text = written(value)
    if not text or text in NOTHING:
        return ""
    if text in ERROR_CELLS:
        raise ValueError(_("The cell holds an error of the spreadsheet."))
    if text.startswith(FORMULA_STARTS):
        raise ValueError(_("The cell holds a formula, not a value."))
    if looks_like_tcvn3(text):
        raise ValueError(_("The text is typed in an old TCVN3 (.Vn…) font. Convert it to Unicode."))
    return text


class NameWidget(TextWidget):
    """A full name, family name first."""

    def clean(self, value: Any, row: dict | None = None, **kwargs) -> PersonName:
        text = super().clean(value)
        if any(character.isdigit() for character in text) or not any(map(str.isalpha, text)):
            raise ValueError(_("This is not a person's name."))
        last_name, first_name = split_full_name(text)
        if len(last_name) > 100 or len(first_name) > 50:
            raise ValueError(_("Longer than a name can be kept."))
        return PersonName(last_name, first_name)


class EmailWidget(TextWidget):
    """An address, in small letters; none is allowed for people who are there already."""

    def clean(self, value: Any, row: dict | None = None, **kwargs) -> str:
        text = super().clean(value).lower()
        if text and not is_email(text):
            raise ValueError(_("This is not an e-mail address."))
        return text


@lru_cache(maxsize=4096)
def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


class GenderWidget(TextWidget):
    words = {"nam": Gender.MALE, "male": Gender.MALE, "m": Gender.MALE} | {
        "nu": Gender.FEMALE,
        "female": Gender.FEMALE,
        "f": Gender.FEMALE,
    }

    def clean(self, value: Any, row: dict | None = None, **kwargs) -> str:
        text = super().clean(value)
        if not text:
            return ""
        if (found := self.words.get(fold(text))) is None:
            raise ValueError(_("Neither “Nam” nor “Nữ”."))
        return found.value


class BirthWidget(Widget):
    """A birth date in the forms people type: 05/02/1980, 5-2-1980, 1980-02-05, 2/1980, 1980, a date cell, Excel's count."""

    full = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
    iso = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
    month = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{4})")

    def clean(self, value: Any, row: dict | None = None, **kwargs) -> Birth | None:
        if isinstance(value, datetime):
            value = value.date()
        birth = Birth(value, False) if isinstance(value, date) else self.read(written(value))
        if birth is not None and not EARLIEST_BIRTH <= birth.day <= timezone.localdate():
            raise ValueError(_("Nobody in service was born on that day."))
        return birth

    def read(self, text: str) -> Birth | None:
        if not text or text in NOTHING:
            return None
        try:
            if found := self.full.fullmatch(text):
                day, month, year = map(int, found.groups())
                return Birth(date(year, month, day), False)
            if found := self.iso.fullmatch(text):
                return Birth(date(*map(int, found.groups())), False)
            if found := self.month.fullmatch(text):
                month, year = map(int, found.groups())
                return Birth(date(year, month, 1), True)
            if text.isascii() and text.isdigit() and len(text) == 4:
                return Birth(date(int(text), 1, 1), True)
            if text.isascii() and text.isdigit() and len(text) == 5:
                return Birth(EXCEL_EPOCH + timedelta(days=int(text)), False)
        except ValueError as error:
            raise ValueError(_("There is no such day.")) from error
        raise ValueError(_("Not a date. Write day/month/year, or the year alone: 05/02/1980, 1980."))
