"""Forms of those who supervise a quiz."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from courses.models import Enrolment
from lms.core.vietnamese import fold

from .models.conduct import LONGEST_REASON, MOST_ATTEMPTS, MOST_MINUTES


class LearnerSearch(forms.Form):
    q = forms.CharField(label=gettext_lazy("Learner"), required=False, max_length=100)

    def narrow(self, enrolments):
        words = fold(self.cleaned_data["q"]).split() if self.is_valid() else []
        for word in words:
            enrolments = enrolments.filter(learner__search_text__contains=word)
        return enrolments


class GrantForm(forms.Form):
    """``who`` is "all" or the key of one of ``enrolments``."""

    EVERYBODY = "all"

    who = forms.ChoiceField(label=gettext_lazy("For whom"), widget=forms.RadioSelect)
    extra_minutes = forms.IntegerField(
        label=gettext_lazy("Extra minutes"), min_value=0, max_value=MOST_MINUTES, initial=0
    )
    extra_attempts = forms.IntegerField(
        label=gettext_lazy("Extra attempts"), min_value=0, max_value=MOST_ATTEMPTS, initial=0
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Read by trainers of the class and the school only."),
    )

    def __init__(self, *args, enrolments: Iterable[Enrolment], **kwargs):
        super().__init__(*args, **kwargs)
        self.enrolments = {str(row.pk): row for row in enrolments}
        self.fields["who"].choices = [
            (self.EVERYBODY, _("The whole class")),
            *(
                (key, f"{row.learner.get_full_name()} – {row.unit.display_name}")
                for key, row in self.enrolments.items()
            ),
        ]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and cleaned["extra_minutes"] + cleaned["extra_attempts"] == 0:
            self.add_error("extra_minutes", _("Grant minutes, attempts, or both."))
        return cleaned

    @property
    def enrolment(self) -> Enrolment | None:
        return self.enrolments.get(self.cleaned_data["who"])


class ConductFilter(forms.Form):
    """Narrows the learners of the live page; an unknown value narrows nothing."""

    STATES = [
        ("", gettext_lazy("all")),
        ("waiting", pgettext_lazy("quiz", "not started")),
        ("writing", gettext_lazy("writing")),
        ("idle", gettext_lazy("writing, but nothing saved for a while")),
        ("done", gettext_lazy("handed in")),
    ]

    q = forms.CharField(label=gettext_lazy("Learner"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("State"), choices=STATES, required=False)


class MinutesForm(forms.Form):
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to add"), min_value=1, max_value=MOST_MINUTES, initial=10
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_REASON)


class MessageForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Message"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
