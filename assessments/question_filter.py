"""What narrows the list of questions in the CMS."""

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from .models import Question, QuestionCategory, QuestionTag
from .models.banks import Difficulty, QuestionKind


class QuestionFilter(WagtailFilterSet):
    category = django_filters.ModelChoiceFilter(
        queryset=QuestionCategory.objects.all(), label=_("Bank"), method="inside"
    )
    kind = django_filters.ChoiceFilter(choices=QuestionKind.choices, label=_("Type"))
    difficulty = django_filters.ChoiceFilter(choices=Difficulty.choices, label=_("Difficulty"))
    status = django_filters.ChoiceFilter(choices=Question.Status.choices, label=_("Status"))
    tag = django_filters.ModelChoiceFilter(
        queryset=QuestionTag.objects.order_by("name"), label=_("Tag"), method="tagged"
    )
    doubled = django_filters.BooleanFilter(label=_("Asked twice in the same words"), method="with_same_words")

    class Meta:
        model = Question
        fields = ["category", "kind", "difficulty", "status", "tag", "doubled"]

    def inside(self, questions, _name: str, category: QuestionCategory):
        """The bank's own and those of the banks inside it."""
        return questions.filter(category__in=QuestionCategory.objects.below(category))

    def tagged(self, questions, _name: str, tag: QuestionTag):
        return questions.filter(tags=tag)

    def with_same_words(self, questions, _name: str, doubled: bool):
        return questions.filter(has_twin=doubled)
