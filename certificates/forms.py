"""Filters of the register and the forms of verification."""

import re

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from courses.models import Run
from lms.core.vietnamese import fold, nfc

from .models import KIND_SYMBOLS, Certificate, CertificateKind

# "0001/2026/CC-ĐTBD" as people type it: spaces, small letters, a missing school symbol.
NUMBER = re.compile(r"0*(\d{1,9})\s*/\s*(\d{4})\s*/\s*([a-z]{2,3})\b.*", re.DOTALL)


class IssueForm(forms.Form):
    issued_on = forms.DateField(
        label=_("Date of issue"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class RunFilter(forms.Form):
    q = forms.CharField(label=_("Class"), required=False, max_length=100)
    waiting = forms.BooleanField(label=_("Only classes with certificates to issue"), required=False)

    def apply(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        if not self.is_valid():
            return runs
        if self.cleaned_data["q"]:
            text = nfc(self.cleaned_data["q"])
            runs = runs.filter(title__icontains=text) | runs.filter(code__icontains=text)
        return runs.filter(to_issue__gt=0) if self.cleaned_data["waiting"] else runs


class RegisterFilter(forms.Form):
    """Which lines of the register; ``apply`` leaves out nothing when the form is not valid."""

    q = forms.CharField(label=_("Number, name, unit or programme"), required=False, max_length=100)
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *CertificateKind.choices]
    )
    run = forms.ModelChoiceField(
        label=_("Class"), required=False, queryset=Run.objects.none(), to_field_name="code"
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        years = Certificate.objects.order_by("-year").values_list("year", flat=True).distinct()
        self.fields["year"].choices = [("", _("All")), *((year, str(year)) for year in years)]
        issued = Certificate.objects.order_by().values("run")
        self.fields["run"].queryset = Run.objects.filter(pk__in=issued)
        self.fields["run"].empty_label = _("All")

    def apply(self, certificates: QuerySet[Certificate]) -> QuerySet[Certificate]:
        if not self.is_valid():
            return certificates
        chosen = self.cleaned_data
        for name in ("year", "kind", "run"):
            if chosen[name]:
                certificates = certificates.filter(**{name: chosen[name]})
        return certificates.search(chosen["q"]) if chosen["q"] else certificates


class LookupForm(forms.Form):
    """A certificate by its number and the name on it: numbers follow each other, so a number alone finds nothing."""

    number = forms.CharField(
        label=_("Certificate number"),
        max_length=60,
        help_text=_("As printed, for example 0001/2026/CC-ĐTBD."),
    )
    full_name = forms.CharField(
        label=_("Full name on the certificate"), max_length=150, help_text=_("With or without marks.")
    )

    def find(self) -> Certificate | None:
        match = NUMBER.fullmatch(fold(self.cleaned_data["number"]))
        kinds = {symbol.lower(): kind for kind, symbol in KIND_SYMBOLS.items()}
        if match is None or match[3] not in kinds:
            return None
        certificate = Certificate.objects.filter(
            number=int(match[1]), year=int(match[2]), kind=kinds[match[3]]
        ).first()
        if certificate and fold(certificate.fields["full_name"]) == fold(self.cleaned_data["full_name"]):
            return certificate
        return None


class CodeForm(forms.Form):
    """A certificate by the address, or its last part, printed beside the code."""

    code = forms.CharField(label=_("Address or code on the certificate"), max_length=300)

    def find(self) -> Certificate | None:
        token = self.cleaned_data["code"].strip().rstrip("/").rpartition("/")[2].strip()
        return Certificate.objects.filter(token=token).first() if token else None
