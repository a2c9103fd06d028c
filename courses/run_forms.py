"""Forms of the training department: making a class, and the filters of its lists."""

from datetime import date

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.db.models.functions import ExtractYear
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from lms.core.errors import DomainError
from lms.organisations.models import Role, RoleGrant, Unit

from .listing import FilterForm
from .models import CoursePage, Enrolment, Run
from .page_links import shown_title
from .services import runs as refusals

State = Enrolment.State
OVERDUE = "overdue"
STARTED = "started"
LEARNER_STATES = [
    ("", _("All states")),
    (State.ENROLLED, _("Enrolled, not started")),
    (STARTED, _("Started studying")),
    (State.IN_PROGRESS, _("In progress")),
    (OVERDUE, _("Overdue")),
    (State.COMPLETED, _("Completed")),
    (State.FAILED, _("Not passed")),
    (State.WITHDRAWN, _("Withdrawn")),
    (State.EXPIRED, _("Expired")),
]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CourseChoice(forms.ModelChoiceField):
    def label_from_instance(self, course: CoursePage) -> str:
        return f"{course.code} – {course.shown_title}"


class UnitChoice(forms.ModelChoiceField):
    """Units in tree order, those below indented."""

    def label_from_instance(self, unit: Unit) -> str:
        return "\u2003" * (unit.depth - self.top_depth) + unit.display_name

    top_depth = 0


def source_courses() -> QuerySet[CoursePage]:
    """Courses in the language they are written in: a translation is the same course, and lends it ``shown_title``."""
    courses = CoursePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).order_by(
        "code", "title"
    )
    return courses.annotate(shown_title=shown_title())


def trainers_on(day: date) -> QuerySet:
    holders = RoleGrant.objects.on(day).filter(role=Role.TRAINER).values("person")
    return get_user_model().objects.filter(pk__in=holders).in_name_order()


class RunForm(forms.ModelForm):
    """Everything the training department says of a class."""

    course = CourseChoice(label=_("Course"), queryset=CoursePage.objects.none())
    trainers = forms.ModelMultipleChoiceField(
        label=_("Trainers"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Run
        fields = ["course", *refusals.FIELDS]
        widgets = {
            "opens_on": DayInput,
            "closes_on": DayInput,
            "due_on": DayInput,
            "decision_date": DayInput,
            "policy": forms.RadioSelect,
        }
        help_texts = {
            "code": _("Letters without marks, figures, full stops and hyphens, such as CCHC-2025.01."),
            "opens_on": _("First day of study."),
            "closes_on": _("Last day of study."),
            "due_on": _("Whoever has not completed by then is overdue."),
            "decision_number": _("As written on the decision, such as 123/QĐ-TĐT."),
        }

    # Where a refusal of the service is shown.
    PLACES = {
        refusals.CodeTaken: "code",
        refusals.CodeUnreadable: "code",
        refusals.CapacityTooSmall: "capacity",
        refusals.DatesDoNotFit: "due_on",
        refusals.SessionsOutside: "closes_on",
        refusals.DecisionMissing: "decision_number",
        refusals.TrainerUnknown: "trainers",
        refusals.PolicyFixed: "policy",
        refusals.CourseFixed: "course",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = source_courses()
        self.fields["trainers"].queryset = trainers_on(timezone.localdate())
        self.fields["policy"].choices = [(value, capfirst(label)) for value, label in Run.Policy.choices]
        if self.instance.pk:
            self.initial["trainers"] = list(self.instance.trainer_links.values_list("person_id", flat=True))

    def validate_unique(self) -> None:
        """The service says it, and sees what others write meanwhile."""

    def validate_constraints(self) -> None:
        """Said in words by ``clean``."""

    def clean_capacity(self) -> int | None:
        if self.cleaned_data["capacity"] == 0:
            raise forms.ValidationError(_("Leave it empty for no limit, or give at least one place."))
        return self.cleaned_data["capacity"]

    def clean(self) -> dict:
        values = super().clean()
        opens, closes, due = (values.get(name) for name in ("opens_on", "closes_on", "due_on"))
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("The class cannot close before it opens."))
        elif opens and closes and due and not opens <= due <= closes:
            self.add_error("due_on", _("The deadline must lie between the first and the last day of study."))
        return values

    def tell(self, refusal: DomainError) -> None:
        """Show what the service refused beside the field it speaks of."""
        self.add_error(self.PLACES.get(type(refusal)), str(refusal.message))


class RunFilterForm(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    course = CourseChoice(
        label=_("Course"), queryset=CoursePage.objects.none(), required=False, empty_label=_("All courses")
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *Run.State.choices]
    )
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = source_courses()
        years = Run.objects.order_by().annotate(year=ExtractYear("opens_on")).values_list("year", flat=True)
        self.fields["year"].choices = [
            ("", _("All years")),
            *((year, str(year)) for year in sorted(set(years.distinct()), reverse=True)),
        ]

    def apply(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        asked = self.values()
        if "course" in asked:
            runs = runs.filter(course=asked["course"])
        if "state" in asked:
            runs = runs.filter(state=asked["state"])
        if "year" in asked:
            runs = runs.filter(opens_on__year=asked["year"])
        return runs.search(asked.get("q", ""))


class LearnerFilterForm(FilterForm):
    """Filters of the learners of one run."""

    q = forms.CharField(
        label=_("Name, e-mail or staff code"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    unit = UnitChoice(
        label=_("Unit"), queryset=Unit.objects.none(), required=False, empty_label=_("All units")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=LEARNER_STATES)

    def __init__(self, *args, units: QuerySet[Unit], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units.order_by("path")

    def apply(self, enrolments: QuerySet[Enrolment], *, on: date) -> QuerySet[Enrolment]:
        asked = self.values()
        if "unit" in asked:
            enrolments = enrolments.filter(unit__path__startswith=asked["unit"].path)
        if asked.get("state") == OVERDUE:
            enrolments = enrolments.overdue(on=on)
        elif asked.get("state") == STARTED:
            enrolments = enrolments.filter(started_at__isnull=False)
        elif "state" in asked:
            enrolments = enrolments.filter(state=asked["state"])
        if "q" in asked:
            people = get_user_model().objects.search(asked["q"])
            enrolments = enrolments.filter(learner__in=people)
        return enrolments


class NominationFilterForm(FilterForm):
    """Filters of the nominations of one run; those that wait are what one comes for."""

    WAITING, APPROVED, DECLINED, ALL = "waiting", "approved", "declined", "all"

    q = forms.CharField(
        label=_("Name, e-mail or staff code"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    unit = UnitChoice(
        label=_("Unit"), queryset=Unit.objects.none(), required=False, empty_label=_("All units")
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Waiting for approval")),
            (APPROVED, _("Approved")),
            (DECLINED, _("Declined or taken back")),
            (ALL, _("All nominations")),
        ],
    )

    def __init__(self, *args, units: QuerySet[Unit], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units.order_by("path")

    def apply(self, enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
        asked = self.values()
        state = asked.get("state", self.WAITING)
        if state == self.WAITING:
            enrolments = enrolments.filter(state=State.NOMINATED)
        elif state == self.APPROVED:
            enrolments = enrolments.filter(approved_at__isnull=False)
        elif state == self.DECLINED:
            enrolments = enrolments.filter(state=State.WITHDRAWN, approved_at__isnull=True)
        if "unit" in asked:
            enrolments = enrolments.filter(unit__path__startswith=asked["unit"].path)
        if "q" in asked:
            enrolments = enrolments.filter(learner__in=get_user_model().objects.search(asked["q"]))
        return enrolments
