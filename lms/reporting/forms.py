"""What a report is asked for, kept in the address."""

from datetime import date

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import CoursePage, Run
from courses.page_links import shown_title

from .queries import Scope, structure_of


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class RunChoice(forms.ModelChoiceField):
    def label_from_instance(self, run: Run) -> str:
        return run.display_title


class CourseChoice(forms.ModelChoiceField):
    def label_from_instance(self, course: CoursePage) -> str:
        return course.shown_title


class ReportFilter(forms.Form):
    """Filters of every report. Empty fields narrow nothing; the day is today unless said."""

    run = RunChoice(
        label=gettext_lazy("Class"), queryset=Run.objects.none(), required=False, to_field_name="code"
    )
    course = CourseChoice(
        label=gettext_lazy("Course"), queryset=CoursePage.objects.none(), required=False, to_field_name="code"
    )
    closes_from = forms.DateField(label=gettext_lazy("Class closes from"), required=False, widget=DayInput)
    closes_to = forms.DateField(label=gettext_lazy("to"), required=False, widget=DayInput)
    as_at = forms.DateField(label=gettext_lazy("As at the end of day"), required=False, widget=DayInput)
    structure = forms.DateField(label=gettext_lazy("Structure of day"), required=False, widget=DayInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["run"].queryset = Run.objects.exclude(state=Run.State.DRAFT).order_by("-opens_on", "code")
        self.fields["run"].empty_label = _("All classes")
        self.fields["course"].queryset = (
            CoursePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
            .defer_streamfields()
            .annotate(shown_title=shown_title())
            .order_by("shown_title")
        )
        self.fields["course"].empty_label = _("All courses")

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("closes_from"), cleaned.get("closes_to")
        if start and end and end < start:
            self.add_error("closes_to", _("The period ends before it begins."))
        return cleaned

    @property
    def scope(self) -> Scope:
        run, course = self.cleaned_data.get("run"), self.cleaned_data.get("course")
        return Scope(
            run_id=run.pk if run else None,
            course_id=course.pk if course else None,
            closes_from=self.cleaned_data.get("closes_from"),
            closes_to=self.cleaned_data.get("closes_to"),
        )

    @property
    def as_at_day(self) -> date:
        return self.cleaned_data.get("as_at") or timezone.localdate()

    @property
    def structure_day(self) -> date | None:
        return self.cleaned_data.get("structure") or structure_of(self.as_at_day)

    @property
    def subject(self) -> str:
        """What the report speaks of, in words."""
        parts = []
        if run := self.cleaned_data.get("run"):
            parts.append(run.display_title)
        if course := self.cleaned_data.get("course"):
            parts.append(course.shown_title)
        start, end = self.cleaned_data.get("closes_from"), self.cleaned_data.get("closes_to")
        if start:
            parts.append(_("classes closing from %(day)s") % {"day": f"{start:%d/%m/%Y}"})
        if end:
            parts.append(_("classes closing by %(day)s") % {"day": f"{end:%d/%m/%Y}"})
        if not parts:
            parts.append(_("All classes"))
        if structure := self.cleaned_data.get("structure"):
            parts.append(_("under the structure of %(day)s") % {"day": f"{structure:%d/%m/%Y}"})
        return "; ".join(parts)


def filter_of(request) -> ReportFilter:
    """The filter of a request; what is wrong in it is dropped and told beside its field."""
    form = ReportFilter(request.GET)
    form.is_valid()
    return form
