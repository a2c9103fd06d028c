"""Forms of the CMS admin: what keeps a question or a quiz from being asked is said at its place."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from lms.core.vietnamese import nfc

from .media_content import ACCEPTED
from .models import Question, QuestionCategory, QuizDraw
from .models.banks import Credit, Matching
from .question_content import Row, Words
from .services import quizzes, surveys
from .services.question_faults import find_faults
from .survey_figures import SCALES


def _kept_forms(formset) -> list:
    """The rows of an inline panel that will be saved, in the order on screen."""
    rows = [form for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
    return sorted(rows, key=lambda form: form.cleaned_data.get("ORDER") or 0)


def _draw_of(form) -> QuizDraw:
    """The row as it would be saved."""
    columns = ("category", "difficulty", "count", "mark", "section", "question")
    return QuizDraw(**{name: form.cleaned_data.get(name) for name in columns})


def _complain(formset, message) -> None:
    """An error of the rows together; Django keeps these in a list it made when validating."""
    formset.non_form_errors().append(str(message))


@dataclass(frozen=True)
class _KeptFile:
    """What the file input shows of a kept file: its name, and an address that asks for the right."""

    name: str
    url: str

    def __str__(self) -> str:
        return self.name


class MediaInput(forms.ClearableFileInput):
    """Files of questions lie in the private storage, whose own addresses lead nowhere."""

    def __init__(self, attrs: dict | None = None):
        super().__init__({"accept": ACCEPTED} | (attrs or {}))

    def format_value(self, value):
        if not self.is_initial(value):
            return None
        name = PurePath(value.name)
        return _KeptFile(name.suffix, reverse("assessments:media", kwargs={"sha256": name.stem}))


class QuestionForm(WagtailAdminModelForm):
    """A draft may be unfinished; what is ready for use must be askable."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        # Of choices neither is asked for.
        for name in ("matching", "tolerance", "credit"):
            self.fields[name].required = False
        self.fields["code"].help_text = _("Left empty, the next number of the bank is taken.")

    def clean(self):
        cleaned = super().clean()
        cleaned["matching"] = cleaned.get("matching") or Matching.CASE
        cleaned["credit"] = cleaned.get("credit") or Credit.PARTS
        if "tolerance" not in self.errors:
            cleaned["tolerance"] = cleaned.get("tolerance") or Decimal(0)
        category = cleaned.get("category")
        if not cleaned.get("code") and category:
            cleaned["code"] = self.instance.code or self._next_code(category)
        return cleaned

    def _next_code(self, category: QuestionCategory) -> str:
        taken = set(
            Question.objects.filter(code__startswith=f"{category.code}-").values_list("code", flat=True)
        )
        number = len(taken) + 1
        while f"{category.code}-{number:03d}" in taken:
            number += 1
        return f"{category.code}-{number:03d}"

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        if self.cleaned_data["status"] != Question.Status.READY:
            return True
        rows = _kept_forms(self.formsets["choices"])
        faults = find_faults(self._words(rows))
        for fault in faults:
            if isinstance(fault.place, int):
                rows[fault.place].add_error("text", str(fault))
            elif fault.place == "choices":
                _complain(self.formsets["choices"], fault)
            else:
                self.add_error(fault.place, str(fault))
        return not faults

    def _words(self, rows: list) -> Words:
        asked = self.cleaned_data
        lines = [
            Row(
                nfc(row.cleaned_data["text"]),
                row.cleaned_data["is_correct"],
                nfc(row.cleaned_data["match"]),
                nfc(row.cleaned_data["feedback"]),
                row.cleaned_data["percent"],
            )
            for row in rows
        ]
        return Words(
            kind=asked["kind"],
            stem=asked["stem"],
            rows=lines,
            feedback=asked["feedback"],
            matching=asked["matching"],
            tolerance=asked["tolerance"],
            units=asked["units"],
            credit=asked["credit"],
            media=tuple((form.cleaned_data["name"], "") for form in _kept_forms(self.formsets["media"])),
        )


class QuizForm(WagtailAdminModelForm):
    """A quiz in use can be drawn from its banks as they stand."""

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        if not self.cleaned_data["is_active"]:
            return True
        rows = _kept_forms(self.formsets["draws"])
        faults = quizzes.find_faults([quizzes.DrawRule.of(_draw_of(form)) for form in rows])
        for fault in faults:
            if fault.place is None:
                _complain(self.formsets["draws"], fault)
            else:
                rows[fault.place].add_error("count", str(fault))
        return not faults


class SurveyForm(WagtailAdminModelForm):
    """A form has at least one indicator that can be reckoned with."""

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        rows = _kept_forms(self.formsets["indicators"])
        if any(form.cleaned_data["kind"] in SCALES for form in rows):
            return True
        _complain(self.formsets["indicators"], surveys.SurveyInvalid())
        return False
