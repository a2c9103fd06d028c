"""Signing in, and the people's forms of the CMS admin."""

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from .models import User

FIELDS = ["email", "last_name", "first_name", "staff_code", "gender", "birth_date", "birth_year_only"]


class SignInForm(LoginForm):
    """Signs in by official e-mail or staff code.

    A code is turned into its e-mail before anything is checked, so both names of an account share one count of failed
    attempts; a code nobody has goes on as it is and fails exactly as an unknown e-mail does, password hashed and all.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Official e-mail or staff code"),
            max_length=254,
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        self.order_fields(["login", "password", "remember"])

    def clean_login(self) -> str:
        login = super().clean_login()
        if "@" in login:
            return login
        person = User.objects.named(login)
        return person.email if person else login


class PersonField(forms.CharField):
    """One person, named by e-mail or staff code: a list of two hundred thousand would help nobody."""

    def __init__(self, **kwargs) -> None:
        super().__init__(help_text=_("Official e-mail or staff code."), **kwargs)

    def clean(self, value: str) -> User:
        person = User.objects.named(super().clean(value))
        if person is None:
            raise forms.ValidationError(_("Nobody has this e-mail or staff code."))
        return person


class PersonForm(forms.ModelForm):
    """A person's record in the CMS admin. No password, no roles: owners set the one, grants the other."""

    class Meta:
        model = User
        fields = FIELDS
        widgets = {"birth_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}


class PersonEditForm(PersonForm):
    def __init__(self, *args, editing_self: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if editing_self:
            del self.fields["is_active"]

    class Meta(PersonForm.Meta):
        fields = [*FIELDS, "is_active"]
