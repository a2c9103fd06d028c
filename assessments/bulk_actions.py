"""Moving, tagging, retiring many questions of the CMS list at once. Nothing is deleted in bulk."""

from typing import Any

from django import forms
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import classproperty
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from taggit.utils import parse_tags
from wagtail.admin import messages
from wagtail.admin.widgets import AdminTagWidget
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from assessments.models import Question, QuestionCategory, QuestionTag, Quiz, Survey
from assessments.permissions import can_keep_banks
from assessments.services import banks


class QuestionAction(SnippetBulkAction):
    """Asks, with a form where something is to be said, then calls one service for all."""

    template_name = "assessments/admin/bulk.html"

    @classproperty
    def models(cls):
        return [Question]

    def check_perm(self, snippet: Question) -> bool:
        return can_keep_banks(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"action": self}

    def get_execution_context(self) -> dict[str, Any]:
        return super().get_execution_context() | {
            "user": self.request.user,
            "asked": self.cleaned_form.cleaned_data if self.cleaned_form else {},
        }

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        done = ngettext("%(n)d question changed.", "%(n)d questions changed.", num_parent_objects)
        return done % {"n": num_parent_objects}


class MoveForm(forms.Form):
    category = forms.ModelChoiceField(QuestionCategory.objects.all(), label=gettext_lazy("Bank"))


class MoveQuestions(QuestionAction):
    display_name = gettext_lazy("Move to a bank")
    action_type = "move-questions"
    aria_label = gettext_lazy("Move the chosen questions to a bank")
    action_priority = 10
    form_class = MoveForm

    @classmethod
    def execute_action(cls, objects, user=None, asked=None, **kwargs: Any) -> tuple[int, int]:
        moved = banks.move_questions(
            questions=objects, category=asked["category"], actor=user, now=timezone.now()
        )
        return len(moved), 0


class TagForm(forms.Form):
    tags = forms.CharField(label=gettext_lazy("Tags"), widget=AdminTagWidget(tag_model=QuestionTag))

    def clean_tags(self) -> list[str]:
        return parse_tags(self.cleaned_data["tags"])


class TagQuestions(QuestionAction):
    display_name = gettext_lazy("Tag")
    action_type = "tag-questions"
    aria_label = gettext_lazy("Tag the chosen questions")
    action_priority = 20
    form_class = TagForm

    @classmethod
    def execute_action(cls, objects, user=None, asked=None, **kwargs: Any) -> tuple[int, int]:
        tagged = banks.tag_questions(questions=objects, tags=asked["tags"], actor=user, now=timezone.now())
        return len(tagged), 0


class RetireQuestions(QuestionAction):
    display_name = gettext_lazy("Take out of use")
    action_type = "retire-questions"
    aria_label = gettext_lazy("Take the chosen questions out of use")
    action_priority = 40

    @classmethod
    def execute_action(cls, objects, user=None, **kwargs: Any) -> tuple[int, int]:
        return len(banks.retire_questions(questions=objects, actor=user, now=timezone.now())), 0


class UseQuestions(QuestionAction):
    display_name = gettext_lazy("Put into use")
    action_type = "use-questions"
    aria_label = gettext_lazy("Put the chosen questions into use")
    action_priority = 30

    @classmethod
    def execute_action(cls, objects, user=None, **kwargs: Any) -> tuple[int, int]:
        ready, faulty = banks.put_into_use(questions=objects, actor=user, now=timezone.now())
        if faulty:
            codes = ", ".join(question.code for question in faulty[:20])
            messages.warning(
                kwargs["self"].request, _("Cannot be asked as they stand: %(codes)s") % {"codes": codes}
            )
        return len(ready), 0


ACTIONS = [MoveQuestions, TagQuestions, UseQuestions, RetireQuestions]


def refuse_bulk_delete(request, action_type: str, objects, action) -> Any:
    """Wagtail offers it for every kind of snippet; it would pass by the audit trail."""
    if action_type == "delete" and action.model in (Question, QuestionCategory, Quiz, Survey):
        messages.error(request, _("This is in use or was used by learners. Retire it instead."))
        return redirect(action.next_url)
    return None
