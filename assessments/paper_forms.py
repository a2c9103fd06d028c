"""The form into which an answer sheet is typed."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Enrolment

from .printed_papers import PrintedQuestion
from .services.paper_results import PaperInvalid
from .templatetags.marks import points


class PaperForm(forms.Form):
    """A line for each question: letters, words, or of an essay its mark."""

    enrolment = forms.ModelChoiceField(Enrolment.objects.none(), label=gettext_lazy("Learner"))
    sat_on = forms.DateField(
        label=gettext_lazy("Sat on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, questions: Iterable[PrintedQuestion], enrolments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["enrolment"].queryset = enrolments
        self.fields["enrolment"].label_from_instance = lambda row: (
            f"{row.learner.get_full_name()} – {row.unit.display_name}"
        )
        self.numbers = []
        for question in questions:
            self.numbers.append(question.number)
            self.fields[f"q{question.number}"] = forms.CharField(
                label=_("Question %(n)d") % {"n": question.number},
                help_text=_help_of(question),
                required=False,
                max_length=500,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    @property
    def answers(self) -> dict[int, str]:
        return {number: self.cleaned_data[f"q{number}"] for number in self.numbers}

    def complain(self, fault: PaperInvalid) -> None:
        place = f"q{fault.place}" if isinstance(fault.place, int) else fault.place
        self.add_error(place, str(fault.message))


def _help_of(question: PrintedQuestion) -> str:
    if question.is_marked_by_hand:
        return _("The mark, 0 to %(most)s") % {"most": points(question.mark)}
    if question.kind == "matching":
        return _("Pairs as on the sheet: 1B 2A")
    if question.kind == "ordering":
        return _("The letters in their order: B A C")
    if question.kind == "gaps":
        return _("The gaps by their numbers, parted by semicolons: 1 words; 2 A")
    if not question.choices:
        return _("The words or the number as written")
    letters = f"A–{question.choices[-1][0]}"
    return _("Letters %(letters)s") % {"letters": letters} if question.takes_several else letters
