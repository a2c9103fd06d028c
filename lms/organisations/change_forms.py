"""Forms of the changes of the structure. Each knows the service that carries it out."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.scans import ScanField
from lms.users.models import User

from .forms import DayField
from .models import Unit, UnitEvent, UnitKind
from .services import (
    Decision,
    NewUnit,
    dissolve_unit,
    found_unit,
    merge_units,
    move_unit,
    rename_unit,
    split_unit,
    transfer_part,
)

Kind = UnitEvent.Kind


class UnitCodeWidget(forms.TextInput):
    """A code with suggestions by name, found without marks (``units.js``)."""

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "data-unit-search": reverse_lazy("units:search"),
                "autocomplete": "off",
                "spellcheck": "false",
            }
        )


class UnitCodeField(forms.CharField):
    """One standing unit by its code."""

    widget = UnitCodeWidget

    def clean(self, value: Any) -> Unit | None:
        code = super().clean(value)
        if not code:
            return None
        return unit_of(code)


def unit_of(code: str) -> Unit:
    unit = Unit.objects.existing().filter(code__iexact=code.strip()).first()
    if unit is None:
        raise forms.ValidationError(_("No unit has the code %(code)s.") % {"code": code.strip()})
    return unit


def words_of(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text or "") if word]


class UnitCodesField(forms.CharField):
    """Standing units by their codes, separated by commas, spaces or lines."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> list[Unit]:
        return [unit_of(code) for code in words_of(super().clean(value))]


class StaffCodesField(forms.CharField):
    """Ids of people by staff code or e-mail, separated by commas, spaces or lines."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[int]:
        ids = []
        for word in words_of(super().clean(value)):
            person = User.objects.named(word)
            if person is None:
                raise forms.ValidationError(
                    _("Nobody has the staff code or e-mail %(word)s.") % {"word": word}
                )
            ids.append(person.pk)
        return ids


class ChangeForm(forms.Form):
    """What every change has: its day and its decision. ``unit`` is the one it starts from, None for a new unit."""

    kind: Kind
    intro: Any = ""
    carry_out: Callable[..., UnitEvent]  # each change has its own

    on = DayField(label=gettext_lazy("Takes effect on"))
    decision_number = forms.CharField(label=gettext_lazy("Decision number"), max_length=64, required=False)
    decision_date = DayField(label=gettext_lazy("Decision date"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    to_confirm = forms.BooleanField(
        label=gettext_lazy("To be confirmed: the paper has not been seen yet"), required=False
    )
    common = ["on", "decision_number", "decision_date", "note", "to_confirm"]

    def __init__(self, *args, unit: Unit | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.fields["decision_date"].initial = None
        self.order_fields([*(name for name in self.fields if name not in self.common), *self.common])

    def operation(self, *, actor, now: datetime) -> Callable[[], UnitEvent]:
        data = self.cleaned_data
        decision = Decision(
            number=data["decision_number"],
            day=data["decision_date"],
            note=data["note"],
            to_confirm=data["to_confirm"],
        )
        return lambda: self.carry_out(on=data["on"], decision=decision, actor=actor, now=now)


class NewUnitFields(forms.Form):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=32)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=255, required=False)
    unit_kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=UnitKind.choices)

    @property
    def new_unit(self) -> NewUnit:
        data = self.cleaned_data
        return NewUnit(code=data["code"], name=data["name"], name_en=data["name_en"], kind=data["unit_kind"])


class FoundForm(NewUnitFields, ChangeForm):
    kind = Kind.CREATE
    intro = gettext_lazy(
        "A unit that was not there before. A unit made of others is entered as a merger or a split."
    )
    parent = UnitCodeField(label=gettext_lazy("Parent (code)"), required=False)

    def __init__(self, *args, unit: Unit | None = None, **kwargs) -> None:
        super().__init__(*args, unit=unit, **kwargs)
        if unit is not None:
            self.fields["parent"].initial = unit.code

    def carry_out(self, **said: Any) -> UnitEvent:
        return found_unit(new=self.new_unit, parent=self.cleaned_data["parent"], **said)


class RenameForm(NewUnitFields, ChangeForm):
    kind = Kind.RENAME
    intro = gettext_lazy(
        "From its day on the unit has the new name, kind or code; earlier papers keep the old one."
    )

    def __init__(self, *args, unit: Unit, **kwargs) -> None:
        super().__init__(*args, unit=unit, **kwargs)
        for name, value in {
            "code": unit.code, "name": unit.name, "name_en": unit.name_en, "unit_kind": unit.kind,
        }.items():  # fmt: skip
            self.fields[name].initial = value

    def carry_out(self, **said: Any) -> UnitEvent:
        new = self.new_unit
        return rename_unit(
            unit=self.unit, code=new.code, name=new.name, name_en=new.name_en, kind=new.kind, **said
        )


class MoveForm(ChangeForm):
    kind = Kind.MOVE
    intro = gettext_lazy("The unit with everything below it goes to another parent.")
    parent = UnitCodeField(
        label=gettext_lazy("New parent (code)"),
        required=False,
        help_text=gettext_lazy("Empty: the unit stands at the top."),
    )

    def carry_out(self, **said: Any) -> UnitEvent:
        return move_unit(unit=self.unit, parent=self.cleaned_data["parent"], **said)


class MergeForm(ChangeForm):
    kind = Kind.MERGE
    intro = gettext_lazy(
        "These units end. Their people, the units below them and their records go to the unit they are merged into;"
        " roles on them end with them."
    )
    others = UnitCodesField(
        label=gettext_lazy("Merged together with it (codes)"),
        required=False,
    )
    into = UnitCodeField(
        label=gettext_lazy("Into this unit (code)"),
        required=False,
        help_text=gettext_lazy("Or give the new unit they become:"),
    )
    code = forms.CharField(label=gettext_lazy("Code of the new unit"), max_length=32, required=False)
    name = forms.CharField(label=gettext_lazy("Name of the new unit"), max_length=255, required=False)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=255, required=False)
    unit_kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=UnitKind.choices, required=False)
    parent = UnitCodeField(label=gettext_lazy("Parent of the new unit (code)"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("into")) == bool(data.get("code") and data.get("name")) and not self.errors:
            raise forms.ValidationError(
                _("Say either the unit they go into or the code and name of a new one.")
            )
        return data

    def carry_out(self, **said: Any) -> UnitEvent:
        data = self.cleaned_data
        into = data["into"] or NewUnit(
            code=data["code"], name=data["name"], name_en=data["name_en"], kind=data["unit_kind"]
        )
        return merge_units(units=[self.unit, *data["others"]], into=into, parent=data["parent"], **said)


class SplitForm(ChangeForm):
    kind = Kind.SPLIT
    intro = gettext_lazy(
        "The unit ends and two take its place. The first takes over its records and everybody not named for the second."
    )

    def __init__(self, *args, unit: Unit, **kwargs) -> None:
        super().__init__(*args, unit=unit, **kwargs)
        for number, label in ((1, _("First unit")), (2, _("Second unit"))):
            for name, field in NewUnitFields().fields.items():
                field.label = f"{label}: {field.label}"
                self.fields[f"{name}_{number}"] = field
        self.fields["people"] = StaffCodesField(
            label=_("Its people (staff codes) that go to the second"), required=False
        )
        self.fields["children"] = UnitCodesField(
            label=_("Units below it (codes) that go to the second"), required=False
        )
        self.order_fields([*(name for name in self.fields if name not in self.common), *self.common])

    def carry_out(self, **said: Any) -> UnitEvent:
        data = self.cleaned_data
        parts = [
            NewUnit(
                code=data[f"code_{number}"],
                name=data[f"name_{number}"],
                name_en=data[f"name_en_{number}"],
                kind=data[f"unit_kind_{number}"],
            )
            for number in (1, 2)
        ]
        second = parts[1].code
        return split_unit(
            unit=self.unit,
            parts=parts,
            people={second: data["people"]},
            children={second: data["children"]},
            **said,
        )


class TransferForm(ChangeForm):
    kind = Kind.TRANSFER
    intro = gettext_lazy(
        "Some of its people and of the units below it go to another unit; the unit itself stays."
    )
    to = UnitCodeField(label=gettext_lazy("To this unit (code)"))
    people = StaffCodesField(label=gettext_lazy("People (staff codes)"), required=False)
    children = UnitCodesField(label=gettext_lazy("Units below it (codes)"), required=False)

    def carry_out(self, **said: Any) -> UnitEvent:
        data = self.cleaned_data
        return transfer_part(
            unit=self.unit, to=data["to"], people=data["people"], children=data["children"], **said
        )


class DissolveForm(ChangeForm):
    kind = Kind.DISSOLVE
    intro = gettext_lazy(
        "The unit ends without another taking its place; the units below it go to its parent."
    )
    people_to = UnitCodeField(
        label=gettext_lazy("Its people go to (code)"),
        required=False,
        help_text=gettext_lazy("Empty: their postings end."),
    )

    def carry_out(self, **said: Any) -> UnitEvent:
        return dissolve_unit(unit=self.unit, people_to=self.cleaned_data["people_to"], **said)


CHANGE_FORMS: dict[str, type[ChangeForm]] = {
    form.kind.value: form
    for form in (FoundForm, RenameForm, MoveForm, MergeForm, SplitForm, TransferForm, DissolveForm)
}


class ScanForm(forms.Form):
    scan = ScanField(label=gettext_lazy("Scan of the decision (PDF or picture)"))
