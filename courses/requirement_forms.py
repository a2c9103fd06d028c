"""Forms of requirements, exemptions and recognised training."""

from datetime import timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from lms.core.errors import DomainError
from lms.core.scans import ScanField
from lms.core.vietnamese import nfc
from lms.organisations.models import PersonnelCategory, Unit

from .models import CoursePage, ExternalTraining, Requirement
from .run_forms import CourseChoice, DayInput, source_courses
from .services import requirements as refusals

LINES_SHOWN = 5


class LinesField(forms.CharField):
    """One value a line; empty lines and repetitions are dropped."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value) -> list[str]:
        lines = [" ".join(nfc(line).split()) for line in (super().to_python(value) or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value


def unknown_lines(unknown: list[str]) -> forms.ValidationError:
    words = ngettext("Not found: %(lines)s.", "Not found: %(lines)s.", len(unknown))
    shown = ", ".join(unknown[:LINES_SHOWN]) + (" …" if len(unknown) > LINES_SHOWN else "")
    return forms.ValidationError(words % {"lines": shown})


class UnitsField(LinesField):
    """Codes of units, one a line; gives the units."""

    def clean(self, value) -> list[Unit]:
        codes = super().clean(value)
        found = {unit.code.casefold(): unit for unit in Unit.objects.filter(code__in=codes, ended_on=None)}
        unknown = [code for code in codes if code.casefold() not in found]
        if unknown:
            raise unknown_lines(unknown)
        return [found[code.casefold()] for code in codes]


class PeopleField(LinesField):
    """Staff codes or e-mail addresses, one a line; gives the people."""

    def clean(self, value) -> list:
        lines = super().clean(value)
        found = {}
        for start in range(0, len(lines), 500):
            some = lines[start : start + 500]
            asked = Q(staff_code__in=some) | Q(email__in=[line.casefold() for line in some])
            for person in get_user_model().objects.filter(asked, is_active=True):
                found[person.staff_code or person.email] = found[person.email] = person
        unknown = [line for line in lines if line not in found and line.casefold() not in found]
        if unknown:
            raise unknown_lines(unknown)
        people = [found.get(line) or found[line.casefold()] for line in lines]
        return list({person.pk: person for person in people}.values())


class RequirementForm(forms.ModelForm):
    course = CourseChoice(label=_("Course"), queryset=CoursePage.objects.none())
    units = UnitsField(
        label=_("Units"),
        required=False,
        help_text=_("Codes of units, one a line; those below them count too. Empty for all units."),
    )
    categories = forms.MultipleChoiceField(
        label=_("Categories"),
        required=False,
        choices=PersonnelCategory.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all."),
    )
    rank_codes = LinesField(
        label=_("Rank codes"), required=False, help_text=_("One a line, such as 01.003. Empty for all.")
    )
    positions = LinesField(
        label=_("Positions"),
        required=False,
        help_text=_("One a line, written as in the postings. Empty for all."),
    )
    members = PeopleField(
        label=_("People on the list"),
        required=False,
        help_text=_("Staff codes or e-mail addresses, one a line."),
    )

    class Meta:
        model = Requirement
        fields = refusals.FIELDS
        widgets = {
            "audience": forms.RadioSelect,
            "recurrence": forms.RadioSelect,
            "starts_on": DayInput,
            "due_on": DayInput,
            "decision_date": DayInput,
        }
        help_texts = {
            "code": _("Letters without marks, figures, full stops and hyphens, such as CCHC-2025.01."),
            "starts_on": _("From this day on people are counted."),
            "due_on": _("One day for everybody; of a yearly one day and month count."),
            "within_days": _("Counted from the first day, for newcomers from the day of their posting."),
            "newcomer_days": _(
                "Who is posted later than this many days before the common day has so many days of one's own."
            ),
            "decision_number": _("As written on the decision, such as 123/QĐ-TĐT."),
        }

    PLACES = {
        refusals.RequirementCodeTaken: "code",
        refusals.CodeUnreadable: "code",
        refusals.TermUnclear: "due_on",
        refusals.DueBeforeStart: "due_on",
        refusals.ListEmpty: "members",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = source_courses()
        for name, choices in (
            ("audience", Requirement.Audience.choices),
            ("recurrence", Requirement.Recurrence.choices),
        ):
            self.fields[name].choices = [(value, capfirst(label)) for value, label in choices]

    def validate_unique(self) -> None:
        """The service says it, and sees what others write meanwhile."""

    def clean(self) -> dict:
        values = super().clean()
        due, within = values.get("due_on"), values.get("within_days")
        starts = values.get("starts_on", self.instance.starts_on)
        if not {"due_on", "within_days"} & self.errors.keys() and (due is None) == (within is None):
            self.add_error("due_on", str(refusals.TermUnclear.message))
        elif due and starts and due < starts:
            self.add_error("due_on", str(refusals.DueBeforeStart.message))
        return values

    def tell(self, refusal: DomainError) -> None:
        self.add_error(self.PLACES.get(type(refusal)), str(refusal.message))


class RequirementChangeForm(RequirementForm):
    """What can still change once people are counted."""

    units = members = categories = rank_codes = positions = course = None

    class Meta(RequirementForm.Meta):
        fields = [name for name in refusals.FIELDS if name in refusals.CHANGEABLE]

    def __init__(self, *args, **kwargs) -> None:
        forms.ModelForm.__init__(self, *args, **kwargs)


class EndForm(forms.Form):
    ends_on = forms.DateField(
        label=_("Holds no longer from"), widget=DayInput, help_text=_("Days before keep their figures.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ExemptionForm(forms.Form):
    valid_from = forms.DateField(label=_("Exempt from"), widget=DayInput)
    last_day = forms.DateField(
        label=_("to and including"), required=False, widget=DayInput, help_text=_("Empty: without end.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    document_number = forms.CharField(label=_("Number of the paper"), required=False, max_length=64)
    scan = ScanField(
        label=_("Scan of the paper"),
        required=False,
        help_text=_("PDF or a picture (PNG, JPEG), up to 20 MB."),
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        last = cleaned.pop("last_day", None)
        cleaned["valid_to"] = last + timedelta(days=1) if last else None
        return cleaned


class TrainingChoice(forms.ModelChoiceField):
    def label_from_instance(self, training: ExternalTraining) -> str:
        return f"{training.title} – {training.organiser}, {training.finished_on:%d/%m/%Y}"


class RecognitionForm(forms.Form):
    training = TrainingChoice(
        label=_("Training taken elsewhere"),
        queryset=ExternalTraining.objects.none(),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Why it is equal to the required course.")
    )

    def __init__(self, *args, person, requirement: Requirement, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["training"].queryset = (
            ExternalTraining.objects.counted()
            .filter(person=person)
            .exclude(recognitions__requirement=requirement)
            .order_by("-finished_on")
        )
        self.fields["training"].empty_label = None
