"""What the obligation matrix and its lists are asked for, kept in the address."""

from datetime import date

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Requirement
from courses.obligation_rules import in_year
from lms.organisations.models import PersonnelCategory
from lms.users.models import Gender

from .forms import DayInput
from .matrix import Question
from .queries import structure_of

# Years of age, both included, as personnel statistics band them.
AGE_BANDS = {"30": (None, 30), "40": (31, 40), "50": (41, 50), "60": (51, 60), "61": (61, None)}


def band_words(band: str) -> str:
    youngest, oldest = AGE_BANDS[band]
    if youngest is None:
        return _("%(age)s and younger") % {"age": oldest}
    if oldest is None:
        return _("over %(age)s") % {"age": youngest - 1}
    return f"{youngest}–{oldest}"


def born_q(band: str, *, day: date) -> Q:
    """On postings of people who are of that age on the day; who has no birth date on record is in no band."""
    youngest, oldest = AGE_BANDS[band]
    condition = Q(person__birth_date__isnull=False)
    if youngest is not None:
        condition &= Q(person__birth_date__lte=in_year(day, day.year - youngest))
    if oldest is not None:
        condition &= Q(person__birth_date__gt=in_year(day, day.year - oldest - 1))
    return condition


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
    age = forms.ChoiceField(label=gettext_lazy("Age"), required=False)
    rank = forms.CharField(label=gettext_lazy("Rank code"), required=False, max_length=16)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = Requirement.objects.order_by("-starts_on", "code")
        self.fields["requirement"].empty_label = _("All requirements")
        self.fields["category"].choices = [("", _("All categories")), *PersonnelCategory.choices]
        self.fields["age"].choices = [("", _("All ages")), *((band, band_words(band)) for band in AGE_BANDS)]
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
        if age := asked.get("age"):
            people &= born_q(age, day=self.as_at_day)
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
        if age := asked.get("age"):
            parts.append(_("age %(band)s") % {"band": band_words(age)})
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
