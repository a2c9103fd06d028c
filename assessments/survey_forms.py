"""The form by which a survey is opened for a class."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.models import Run

from .models import Respondents, Survey, SurveyRun


class OpenSurveyForm(forms.Form):
    survey = forms.ModelChoiceField(label=_("Survey"), queryset=Survey.objects.none())
    opens_on = forms.DateField(
        label=_("First day of answering"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    closes_on = forms.DateField(
        label=_("Last day of answering"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    is_required = forms.BooleanField(
        label=_("Required before the certificate"),
        required=False,
        help_text=_(
            "The survey becomes a condition of the course: learners of every class of it are asked, until the class's last day."
        ),
    )

    def __init__(self, *args, run: Run, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run
        opened = SurveyRun.objects.filter(run=run).values("survey")
        self.fields["survey"].queryset = Survey.objects.filter(is_active=True).exclude(pk__in=opened)

    def clean(self):
        cleaned = super().clean()
        survey = cleaned.get("survey")
        if cleaned.get("is_required"):
            if survey and survey.respondents != Respondents.LEARNERS:
                self.add_error(
                    "is_required", _("Only a survey of the learners can be required before the certificate.")
                )
            # Whoever still has to answer must be able to, as long as the class is open.
            cleaned["closes_on"] = max(filter(None, [cleaned.get("closes_on"), self.run.closes_on]))
        return cleaned
