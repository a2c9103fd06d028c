"""Forms of the training record and of training taken elsewhere."""

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.core.scans import ScanField

from .listing import FilterForm
from .models import Enrolment, ExternalTraining
from .run_forms import DayInput
from .staff_forms import SearchPeople

State = Enrolment.State


class RecordFilterForm(FilterForm):
    """Which rows of a training record are shown."""

    nam = forms.TypedChoiceField(label=_("Year"), coerce=int, empty_value=None, required=False)
    trang_thai = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All states")),
            (State.COMPLETED, _("Completed")),
            ("studying", _("Being studied")),
            ("ended", _("Ended without completion")),
        ],
    )

    def __init__(self, *args, years: list[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nam"].choices = [("", _("All years")), *((year, str(year)) for year in years)]


class ExternalTrainingForm(forms.ModelForm):
    scan = ScanField(
        label=_("Scan of the certificate"), help_text=_("PDF or a picture (PNG, JPEG), up to 20 MB.")
    )

    class Meta:
        model = ExternalTraining
        fields = [
            "title",
            "organiser",
            "started_on",
            "finished_on",
            "periods",
            "document_number",
            "scan",
        ]
        widgets = {"started_on": DayInput(), "finished_on": DayInput()}
        help_texts = {
            "periods": _("A day counts 8 periods, a week 40."),
            "document_number": _("As it stands on the paper, if it has one."),
        }

    def clean(self) -> dict:
        cleaned = super().clean()
        started, finished = cleaned.get("started_on"), cleaned.get("finished_on")
        if started and finished and finished < started:
            self.add_error("finished_on", _("The last day lies before the first."))
        return cleaned


class ExternalFilterForm(FilterForm):
    q = SearchPeople()
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All states")), *ExternalTraining.State.choices],
    )

    def condition(self) -> Q:
        """What was asked for, on external trainings."""
        asked = self.values()
        condition = Q()
        if "state" in asked:
            condition &= Q(state=asked["state"])
        if "q" in asked:
            condition &= Q(person__in=get_user_model().objects.search(asked["q"]))
        return condition
