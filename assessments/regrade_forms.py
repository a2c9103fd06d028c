"""The form that asks by which key a question shall be marked anew."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from .choice_keys import choices_of
from .models import KeyCorrection, QuestionVersion
from .models.banks import Matching, QuestionKind
from .scoring import TYPED
from .services.regrading import Correction

Policy = KeyCorrection.Policy


class RegradeForm(forms.Form):
    """The fields the question's kind needs; begins with the question's present key where its words are those asked."""

    policy = forms.ChoiceField(label=_("What is right"), choices=Policy.choices, widget=forms.RadioSelect)
    key = forms.MultipleChoiceField(
        label=_("Right choices"), required=False, widget=forms.CheckboxSelectMultiple
    )
    accepted = forms.CharField(
        label=_("Accepted answers"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line."),
    )
    matching = forms.ChoiceField(label=_("Comparison"), required=False, choices=Matching.choices)
    tolerance = forms.DecimalField(
        label=_("Tolerance"), required=False, min_value=0, max_digits=20, decimal_places=8, localize=True
    )
    may_fail = forms.BooleanField(
        label=_("Passes may be lost by it"),
        required=False,
        help_text=_(
            "Without it, a test that would lose its pass stays as it was marked. What a pass has led to stays in either case."
        ),
    )

    def __init__(self, *args, version: QuestionVersion, standing: KeyCorrection | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.version = version
        content = version.content
        choices = choices_of(content)
        is_typed = version.kind in TYPED
        if choices is not None:
            texts = {choice["id"]: choice["text"] for choice in content["choices"]}
            self.fields["key"].choices = [(choice, texts[choice]) for choice in choices.ids]
            self.fields["key"].initial = key_today(version, standing)
            if version.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE):
                self.fields["key"].help_text = _("Of several marked right each earns the full mark.")
        else:
            del self.fields["key"]
        if is_typed:
            rules = standing.rules_of(content) if standing else content.get("rules") or {}
            self.fields["accepted"].initial = "\n".join(key_today(version, standing))
            self.fields["matching"].initial = rules.get("matching", Matching.CASE)
            self.fields["tolerance"].initial = Decimal(rules.get("tolerance", "0"))
        else:
            del self.fields["accepted"]
        if version.kind != QuestionKind.SHORT:
            del self.fields["matching"]
        if version.kind != QuestionKind.NUMBER:
            del self.fields["tolerance"]
        self.fields["policy"].initial = Policy.KEY
        for name in ("key", "accepted"):
            if name in self.fields:
                self.fields[name].required = self["policy"].value() != Policy.FULL
        if choices is None and not is_typed:
            self.fields["policy"].choices = [(Policy.FULL.value, Policy.FULL.label)]
            self.fields["policy"].initial = Policy.FULL

    def correction(self) -> Correction:
        """What was asked for; the form is valid."""
        data = self.cleaned_data
        rules = {}
        if data.get("matching"):
            rules["matching"] = data["matching"]
        if data.get("tolerance") is not None and "tolerance" in self.fields:
            rules["tolerance"] = str(data["tolerance"].normalize())
        key = data.get("key") or (data.get("accepted") or "").splitlines()
        return Correction(policy=data["policy"], key=tuple(key), rules=rules, may_fail=data["may_fail"])


def key_today(version: QuestionVersion, standing: KeyCorrection | None) -> list[str]:
    """The key of the question's present version in terms of the one asked; else the one it is marked by now.

    Choices are known again by their words: a trainer corrects the question first, then has its tests marked anew.
    """
    in_force = standing.key_of(version.content) if standing else version.content["key"]
    current = version.question.current_version
    if current is None or current.pk == version.pk or current.kind != version.kind:
        return list(in_force)
    if version.kind in TYPED:
        return list(current.content["key"])
    right = {
        choice["text"] for choice in current.content["choices"] if choice["id"] in current.content["key"]
    }
    found = [choice["id"] for choice in version.content["choices"] if choice["text"] in right]
    return found if len(found) == len(right) else list(in_force)
