"""Making a token."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.organisations.models import Unit

from .forms import DayInput
from .models import TokenScope


class TokenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Which system reads with it"),
        max_length=120,
        help_text=gettext_lazy("For example: data platform of the ministry."),
    )
    unit = forms.CharField(
        label=gettext_lazy("Code of the unit"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("The system reads this unit and what stands below it. Empty for all units."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("may read"), choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_on = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)

    def clean_unit(self) -> Unit | None:
        code = self.cleaned_data["unit"].strip()
        if not code:
            return None
        unit = Unit.objects.existing().filter(code=code).first()
        if unit is None:
            raise forms.ValidationError(_("No unit has this code."))
        return unit
