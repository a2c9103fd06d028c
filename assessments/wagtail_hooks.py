"""Question banks and quizzes in the CMS admin. Saving calls the same services as loaders and imports do."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, ProtectedError, Q
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views import snippets as views
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from assessments.admin_forms import QuestionForm, QuizForm
from assessments.import_admin import import_page
from assessments.models import Question, QuestionCategory, Quiz
from assessments.services.banks import save_question_version
from assessments.services.quizzes import register_quiz
from lms.core.audit import record_event
from lms.core.vietnamese import fold


class FoldedIndexView(views.IndexView):
    """Finds "cải cách" by "cai cach". Without the bulk actions: what learners were asked cannot be deleted in bulk."""

    @property
    def columns(self):
        return [column for column in super().columns if column.name != "bulk_actions"]

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        words = Q()
        for word in fold(self.search_query).split():
            words &= Q(folded_text__contains=word)
        return queryset.filter(words)


class QuestionIndexView(FoldedIndexView):
    @property
    def header_more_buttons(self) -> list[Button]:
        import_button = Button(
            _("Take questions over from a file"),
            url=reverse("question_import"),
            icon_name="download",
            priority=60,
        )
        return [*super().header_more_buttons, import_button]


class PlainIndexView(FoldedIndexView):
    """Short lists, searched by their own fields."""

    def search_queryset(self, queryset):
        return views.IndexView.search_queryset(self, queryset)


class GuardedDeleteView(views.DeleteView):
    """What learners were asked stays; it can be retired instead."""

    def delete_action(self) -> None:
        record_event(
            actor=self.request.user,
            action=f"{self.model._meta.model_name}.deleted",
            target=self.object,
            now=timezone.now(),
        )
        super().delete_action()

    def form_valid(self, form):
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except ProtectedError:
            messages.error(self.request, _("This is in use or was used by learners. Retire it instead."))
            return redirect(self.get_success_url())


class AuditedCategory:
    """Both views save inside a transaction of Wagtail's."""

    def save_instance(self):
        action = "bank.created" if self.view_name == "create" else "bank.changed"
        category = super().save_instance()
        record_event(
            actor=self.request.user, action=action, target=category, now=timezone.now(), code=category.code
        )
        return category


class CategoryCreateView(AuditedCategory, views.CreateView):
    pass


class CategoryEditView(AuditedCategory, views.EditView):
    pass


class VersionedQuestion:
    def save_instance(self):
        question = super().save_instance()
        save_question_version(question=question, actor=self.request.user, now=timezone.now())
        return question


class QuestionCreateView(VersionedQuestion, views.CreateView):
    pass


class QuestionEditView(VersionedQuestion, views.EditView):
    pass


class RegisteredQuiz:
    def save_instance(self):
        quiz = super().save_instance()
        created = self.view_name == "create"
        return register_quiz(quiz=quiz, actor=self.request.user, now=timezone.now(), created=created)


class QuizCreateView(RegisteredQuiz, views.CreateView):
    pass


class QuizEditView(RegisteredQuiz, views.EditView):
    pass


class CategoryViewSet(SnippetViewSet):
    model = QuestionCategory
    icon = "folder-open-inverse"
    menu_label = gettext_lazy("Banks")
    list_display = [
        "code",
        "name",
        Column("ready", label=gettext_lazy("Ready for use"), accessor="ready"),
        Column("all", label=gettext_lazy("Questions"), accessor="all_questions"),
    ]
    search_fields = ["code", "name"]
    panels = [FieldPanel("code"), FieldPanel("name")]
    index_view_class = PlainIndexView
    add_view_class = CategoryCreateView
    edit_view_class = CategoryEditView
    delete_view_class = GuardedDeleteView
    copy_view_enabled = False

    def get_queryset(self, request):
        return QuestionCategory.objects.annotate(
            all_questions=Count("questions"),
            ready=Count("questions", filter=Q(questions__status=Question.Status.READY)),
        )


class QuestionViewSet(SnippetViewSet):
    model = Question
    icon = "help"
    menu_label = gettext_lazy("Questions")
    list_display = [
        "__str__",
        "category",
        Column("kind", label=gettext_lazy("Type"), accessor="get_kind_display"),
        Column("difficulty", label=gettext_lazy("Difficulty"), accessor="get_difficulty_display"),
        Column("status", label=gettext_lazy("Status"), accessor="get_status_display"),
    ]
    list_filter = ["category", "kind", "difficulty", "status"]
    list_per_page = 50
    search_fields = ["folded_text"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("category"), FieldPanel("code")]),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("difficulty"), FieldPanel("status")]),
            FieldPanel("stem"),
            FieldRowPanel([FieldPanel("matching"), FieldPanel("tolerance")]),
            InlinePanel(
                "choices",
                label=gettext_lazy("Choice"),
                heading=gettext_lazy("Choices"),
                help_text=gettext_lazy(
                    "Of a short text or a number: each accepted answer; all of them are right."
                ),
                panels=[FieldPanel("text"), FieldPanel("is_correct")],
            ),
            FieldPanel("feedback"),
        ],
        base_form_class=QuestionForm,
    )
    index_view_class = QuestionIndexView
    add_view_class = QuestionCreateView
    edit_view_class = QuestionEditView
    delete_view_class = GuardedDeleteView
    copy_view_enabled = False

    def get_queryset(self, request):
        return Question.objects.select_related("category")


class QuizViewSet(SnippetViewSet):
    model = Quiz
    icon = "tasks"
    menu_label = gettext_lazy("Quizzes")
    list_display = [
        "title",
        "module",
        Column("pass_percent", label=gettext_lazy("Pass mark, per cent"), accessor="pass_percent"),
        Column("time", label=gettext_lazy("Minutes"), accessor="time_limit_minutes"),
        Column("attempts", label=pgettext_lazy("quiz", "Attempts"), accessor="max_attempts"),
        "is_active",
    ]
    list_filter = ["is_active"]
    search_fields = ["title", "title_en"]
    edit_handler = ObjectList(
        [
            FieldPanel("module"),
            FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
            InlinePanel(
                "draws",
                label=gettext_lazy("Draw"),
                heading=gettext_lazy("Questions drawn"),
                panels=[
                    FieldRowPanel([FieldPanel("category"), FieldPanel("difficulty"), FieldPanel("count")])
                ],
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("time_limit_minutes"), FieldPanel("grace_seconds")]),
                    FieldRowPanel(
                        [FieldPanel("pass_percent"), FieldPanel("max_attempts"), FieldPanel("wait_minutes")]
                    ),
                    FieldPanel("counted"),
                    FieldPanel("shuffle"),
                    FieldPanel("review"),
                    FieldPanel("is_active"),
                ],
                heading=gettext_lazy("Rules"),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
                    FieldPanel("password"),
                    FieldPanel("allowed_networks"),
                ],
                heading=gettext_lazy("Starting the quiz"),
            ),
        ],
        base_form_class=QuizForm,
    )
    index_view_class = PlainIndexView
    add_view_class = QuizCreateView
    edit_view_class = QuizEditView
    delete_view_class = GuardedDeleteView
    copy_view_enabled = False

    def get_queryset(self, request):
        return Quiz.objects.select_related("module")


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [path("questions/import/", import_page, name="question_import")]


class BankGroup(SnippetViewSetGroup):
    menu_label = gettext_lazy("Tests")
    menu_icon = "help"
    menu_order = 250
    items = (CategoryViewSet, QuestionViewSet, QuizViewSet)


register_snippet(BankGroup)
