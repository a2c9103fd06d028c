"""Forms of sessions: planning one, opening its code, checking in."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from lms.core.errors import DomainError

from .models import Run, Session
from .run_forms import DayInput
from .services import sessions as refusals
from .services.attendance import OPEN_MINUTES


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class SessionForm(forms.ModelForm):
    """``version`` is how the session stood when the form was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Session
        fields = refusals.FIELDS
        widgets = {"day": DayInput(), "begins_at": ClockInput(), "ends_at": ClockInput()}
        help_texts = {"periods": _("Morning or afternoon: 4 periods; a whole day: 8.")}

    PLACES = {
        refusals.EndsTooEarly: "ends_at",
        refusals.OutsideWindow: "day",
        refusals.AlreadyMarked: "day",
        refusals.ClassTaken: "begins_at",
        refusals.TrainerTaken: "trainer",
        refusals.TrainerNotOfRun: "trainer",
        refusals.RoomTaken: "room",
    }

    def __init__(self, *args, run: Run, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        links = run.trainer_links.values("person")
        self.fields["trainer"].queryset = get_user_model().objects.filter(pk__in=links).in_name_order()
        self.fields["day"].widget.attrs |= {"min": run.opens_on.isoformat(), "max": run.closes_on.isoformat()}
        self.initial.setdefault("version", self.instance.version)

    def validate_unique(self) -> None:
        """Nothing about a session is unique that is typed here."""

    def validate_constraints(self) -> None:
        """Said in words by ``clean`` and the service."""

    def clean(self) -> dict:
        values = super().clean()
        begins, ends = values.get("begins_at"), values.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", refusals.EndsTooEarly.message)
        return values

    def tell(self, refusal: DomainError) -> None:
        """Show what the service refused beside the field it speaks of."""
        self.add_error(self.PLACES.get(type(refusal)), str(refusal.message))


def minute_words(minutes: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


class OpenCodeForm(forms.Form):
    minutes = forms.TypedChoiceField(label=_("The code is open for"), coerce=int, initial=15)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minutes"].choices = [(minutes, minute_words(minutes)) for minutes in OPEN_MINUTES]


class CheckInForm(forms.Form):
    code = forms.CharField(
        label=_("Check-in code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
