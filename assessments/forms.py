"""Forms of this room's pages."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.core.vietnamese import fold

from .analysis import AnalysedQuestion
from .analysis_words import FLAGS
from .models import Quiz
from .services.printed_papers import MOST_AT_ONCE


class ResultFilter(forms.Form):
    """Narrows the learners of a results page; an unknown value narrows nothing."""

    OUTCOMES = [
        ("", _("all")),
        ("passed", _("passed")),
        ("failed", _("not passed yet")),
        ("none", pgettext_lazy("quiz", "not started")),
    ]

    quiz = forms.ChoiceField(label=_("Quiz"), required=False)
    q = forms.CharField(label=_("Learner"), required=False, max_length=100)
    outcome = forms.ChoiceField(label=_("Result"), choices=OUTCOMES, required=False)
    # Kept while filtering.
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, quizzes: Iterable[Quiz], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quiz"].choices = [(quiz.pk, quiz.display_title) for quiz in quizzes]

    def narrow(self, enrolments):
        """``enrolments`` come from ``with_quiz_results``."""
        if not self.is_valid():
            return enrolments
        for word in fold(self.cleaned_data["q"]).split():
            enrolments = enrolments.filter(learner__search_text__contains=word)
        outcome = self.cleaned_data["outcome"]
        if outcome == "passed":
            return enrolments.filter(passes__gt=0)
        if outcome == "failed":
            return enrolments.filter(passes=0, attempts_used__gt=0, being_marked=0)
        if outcome == "none":
            return enrolments.filter(attempts_used=0)
        return enrolments


class AnalysisFilter(forms.Form):
    """Narrows the questions of an item analysis; an unknown value narrows nothing."""

    q = forms.CharField(label=_("Question"), required=False, max_length=100)
    flag = forms.ChoiceField(label=_("Worth a look"), required=False)
    # Kept while filtering.
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, quizzes: Iterable[Quiz] = (), **kwargs):
        super().__init__(*args, **kwargs)
        labels = [(flag.value, words.label) for flag, words in FLAGS.items()]
        self.fields["flag"].choices = [("", _("all")), ("any", _("any of these")), *labels]
        if quizzes:
            self.fields = {
                "quiz": forms.ChoiceField(
                    label=_("Quiz"),
                    required=False,
                    choices=[(quiz.pk, quiz.display_title) for quiz in quizzes],
                ),
                **self.fields,
            }

    def narrow(self, questions: list[AnalysedQuestion]) -> list[AnalysedQuestion]:
        if not self.is_valid():
            return questions
        for word in fold(self.cleaned_data["q"]).split():
            questions = [
                question for question in questions if word in fold(f"{question.code} {question.stem}")
            ]
        flag = self.cleaned_data["flag"]
        return [
            question
            for question in questions
            if not flag or any(flag in ("any", found.value) for found in question.figures.flags)
        ]


class DrawPapersForm(forms.Form):
    """How many variants to draw."""

    count = forms.IntegerField(label=_("Number of variants"), min_value=1, max_value=MOST_AT_ONCE, initial=2)
