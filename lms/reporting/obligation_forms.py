"""What the obligation matrix and its lists are asked for, kept in the address."""

from datetime import date

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Requirement
from lms.organisations.models import PersonnelCategory
from lms.users.models import Gender

from .forms import DayInput
from .matrix import Question
from .queries import structure_of


class RequirementChoice(forms.ModelChoiceField):
    def label_from_instance(self, requirement: Requirement) -> str:
        return f"{requirement.code} – {requirement.display_title}"


class MatrixFilter(forms.Form):
    """Filters of the matrix. Empty fields narrow nothing; the day is today unless said."""

    requirement = RequirementChoice(
        label=gettext_lazy("Requirement"),
        queryset=Requirement.objects.none(),
        required=False,
        to_field_name="code",
    )
    as_at = forms.DateField(label=gettext_lazy("As at the end of day"), required=False, widget=DayInput)
    structure = forms.DateField(label=gettext_lazy("Structure of day"), required=False, widget=DayInput)
    category = forms.ChoiceField(label=gettext_lazy("Personnel category"), required=False)
    gender = forms.ChoiceField(label=gettext_lazy("Gender"), required=False)
    rank = forms.CharField(label=gettext_lazy("Rank code"), required=False, max_length=16)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = Requirement.objects.order_by("-starts_on", "code")
        self.fields["requirement"].empty_label = _("All requirements")
        self.fields["category"].choices = [("", _("All categories")), *PersonnelCategory.choices]
        self.fields["gender"].choices = [("", _("All genders")), *Gender.choices]

    @property
    def as_at_day(self) -> date:
        return self.cleaned_data.get("as_at") or timezone.localdate()

    @property
    def requirement_asked(self) -> Requirement | None:
        return self.cleaned_data.get("requirement")

    @property
    def question(self) -> Question:
        asked, people = self.cleaned_data, Q()
        if category := asked.get("category"):
            people &= Q(category=category)
        if gender := asked.get("gender"):
            people &= Q(person__gender=gender)
        if rank := asked.get("rank"):
            people &= Q(rank_code=rank)
        requirement = self.requirement_asked
        return Question(
            as_at=self.as_at_day,
            codes=(requirement.code,) if requirement else (),
            structure_day=asked.get("structure") or structure_of(self.as_at_day),
            people=people,
        )

    @property
    def subject(self) -> str:
        """What the matrix speaks of, in words."""
        asked = self.cleaned_data
        requirement = self.requirement_asked
        parts = [requirement.display_title if requirement else _("All requirements")]
        if category := asked.get("category"):
            parts.append(str(dict(PersonnelCategory.choices)[category]))
        if gender := asked.get("gender"):
            parts.append(str(dict(Gender.choices)[gender]))
        if rank := asked.get("rank"):
            parts.append(_("rank %(code)s") % {"code": rank})
        if structure := asked.get("structure"):
            parts.append(_("under the structure of %(day)s") % {"day": f"{structure:%d/%m/%Y}"})
        return "; ".join(parts)


def matrix_filter_of(request) -> MatrixFilter:
    """The filter of a request; what is wrong in it is dropped and told beside its field."""
    form = MatrixFilter(request.GET)
    form.is_valid()
    return form
