"""Forms of the unit coordinator."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.organisations.models import Unit

from .listing import FilterForm
from .models import Enrolment, Run
from .run_forms import UnitChoice
from .staff import NO_CLASS

STAFF_STATES = [
    ("", _("All")),
    ("nominated", _("Waiting for approval")),
    ("participations", _("Enrolled at any time")),
    ("studying", _("Studying, within time")),
    ("overdue", _("Overdue")),
    ("completed", _("Completed")),
    ("withdrawn", _("Withdrawn")),
    (NO_CLASS, _("In no class")),
]


class RunChoice(forms.ModelChoiceField):
    def label_from_instance(self, run: Run) -> str:
        return run.display_title


class SearchPeople(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Name, e-mail or staff code"),
            required=False,
            widget=forms.TextInput(attrs={"type": "search"}),
        )


class RunOfUnitForm(FilterForm):
    """Which class the figures of a unit speak of."""

    run = RunChoice(
        label=_("Class"), queryset=Run.objects.none(), required=False, empty_label=_("All classes")
    )

    def __init__(self, *args, runs: QuerySet[Run], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["run"].queryset = runs


class StaffFilterForm(RunOfUnitForm):
    q = SearchPeople()
    state = forms.ChoiceField(label=_("State"), required=False, choices=STAFF_STATES)
    field_order = ["q", "run", "state"]


class CandidateFilterForm(FilterForm):
    """Whom to nominate: staff of the units one may nominate from."""

    q = SearchPeople()
    unit = UnitChoice(
        label=_("Unit"), queryset=Unit.objects.none(), required=False, empty_label=_("All units")
    )
    free = forms.BooleanField(label=_("Only those not yet on the list"), required=False)

    def __init__(self, *args, units: QuerySet[Unit], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units.order_by("path")


class OwnNominationFilterForm(RunOfUnitForm):
    q = SearchPeople()
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *Enrolment.State.choices]
    )
    field_order = ["q", "run", "state"]
