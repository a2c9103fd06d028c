"""Forms of the CMS admin for units, postings and roles."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.users.forms import PersonField

from .models import Posting, RoleGrant, Unit


class DayField(forms.DateField):
    def __init__(self, **kwargs) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, initial=timezone.localdate, **kwargs)


class UnitField(forms.ModelChoiceField):
    """Units in tree order, those below indented."""

    def __init__(self, **kwargs) -> None:
        super().__init__(queryset=Unit.objects.existing().in_tree_order(), **kwargs)

    def label_from_instance(self, unit: Unit) -> str:
        return "\u2003" * unit.depth + unit.display_name


class PostingForm(forms.ModelForm):
    person = PersonField(label=_("Person"))
    unit = UnitField(label=_("Unit"))
    valid_from = DayField(label=_("From"))

    class Meta:
        model = Posting
        fields = [
            "person", "unit", "is_main", "position", "category", "rank_code", "rank_name", "valid_from",
        ]  # fmt: skip


class PostingEndForm(forms.ModelForm):
    valid_to = DayField(label=_("First day without this posting"))

    class Meta:
        model = Posting
        fields = ["valid_to"]


class RoleGrantForm(forms.ModelForm):
    person = PersonField(label=_("Person"))
    unit = UnitField(label=_("On this unit and all below it"))
    valid_from = DayField(label=_("From"))

    class Meta:
        model = RoleGrant
        fields = ["person", "role", "unit", "valid_from", "decision_number"]


class RoleGrantEndForm(forms.ModelForm):
    valid_to = DayField(label=_("First day without this role"))

    class Meta:
        model = RoleGrant
        fields = ["valid_to"]
