"""Question banks and quizzes in the CMS admin. Saving calls the same services as loaders and imports do."""

from urllib.parse import urlencode

from django.db.models import Count, Q
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

from assessments.admin_forms import MediaInput, QuestionForm, QuizForm
from assessments.admin_views import FoldedIndexView, GuardedDeleteView, PlainIndexView
from assessments.bulk_actions import ACTIONS, refuse_bulk_delete
from assessments.import_admin import export_file, import_page, template_file
from assessments.models import Attempt, Question, QuestionCategory, Quiz
from assessments.question_filter import QuestionFilter
from assessments.services.banks import save_question_version
from assessments.services.preparing import drop_prepared
from assessments.services.question_export import FORMATS as EXPORT_FORMATS
from assessments.services.quizzes import register_quiz
from assessments.survey_admin import SurveyViewSet
from assessments.usage_columns import BANK_COLUMNS, QUESTION_COLUMNS, WithBankUsage, WithQuestionUsage
from lms.core.audit import record_event


class QuestionIndexView(WithQuestionUsage, FoldedIndexView):
    @property
    def header_more_buttons(self) -> list[Button]:
        buttons = [
            Button(
                _("Take questions over from a file"),
                url=reverse("question_import"),
                icon_name="download",
                priority=60,
            )
        ]
        # Of one bank: the filter of the list says which.
        if (bank := self.request.GET.get("category", "")).isdigit():
            buttons += [
                Button(
                    _("Export the bank: %(format)s") % {"format": label},
                    url=f"{reverse('question_export')}?{urlencode({'category': bank, 'format': name})}",
                    icon_name="upload",
                    priority=70 + number,
                )
                for number, (name, label) in enumerate(EXPORT_FORMATS.items())
            ]
        return [*super().header_more_buttons, *buttons]


class CategoryIndexView(WithBankUsage, PlainIndexView):
    pass


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


class QuizDeleteView(GuardedDeleteView):
    def delete_action(self) -> None:
        drop_prepared(Attempt.prepared.filter(quiz=self.object))
        super().delete_action()


class CategoryViewSet(SnippetViewSet):
    model = QuestionCategory
    icon = "folder-open-inverse"
    menu_label = gettext_lazy("Banks")
    list_display = [
        "code",
        "name",
        Column("ready", label=gettext_lazy("Ready for use"), accessor="ready"),
        Column("all", label=gettext_lazy("Questions"), accessor="all_questions"),
        *BANK_COLUMNS,
    ]
    search_fields = ["code", "name"]
    panels = [FieldPanel("code"), FieldPanel("name"), FieldPanel("parent")]
    index_view_class = CategoryIndexView
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
        Column("twins", label=gettext_lazy("Same words"), accessor="twin_code"),
        *QUESTION_COLUMNS,
    ]
    filterset_class = QuestionFilter
    list_per_page = 50
    search_fields = ["folded_text"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("category"), FieldPanel("code")]),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("difficulty"), FieldPanel("status")]),
            FieldPanel("stem"),
            FieldRowPanel([FieldPanel("credit"), FieldPanel("matching")]),
            FieldRowPanel([FieldPanel("tolerance"), FieldPanel("units")]),
            InlinePanel(
                "choices",
                label=pgettext_lazy("question", "Line"),
                heading=gettext_lazy("Choices, answers, pairs, steps, criteria"),
                help_text=gettext_lazy(
                    "Choices: tick the right ones. Short text or number: each accepted answer; all of them are right. "
                    "Matching: what each line goes with; a line with the second half alone is one too many. "
                    "Ordering: the steps in their right order. Essay: the criteria it is marked by, with the points of each. "
                    "Text with gaps: none; write [[right answer]] or [[*right|wrong]] in the question itself."
                ),
                panels=[
                    FieldRowPanel([FieldPanel("text"), FieldPanel("match")]),
                    FieldRowPanel([FieldPanel("is_correct"), FieldPanel("percent")]),
                    FieldPanel("feedback"),
                ],
            ),
            FieldPanel("feedback"),
            InlinePanel(
                "media",
                label=gettext_lazy("File"),
                heading=gettext_lazy("Pictures and sounds"),
                help_text=gettext_lazy(
                    "Write ![description](name) where it is to stand, in the question, in a choice or in the explanation. "
                    "The description is read to who cannot see or hear it. PNG, JPEG, WebP, GIF, MP3, M4A or OGG, at most 5 MB."
                ),
                panels=[FieldRowPanel([FieldPanel("name"), FieldPanel("file", widget=MediaInput)])],
            ),
            FieldRowPanel([FieldPanel("outcome"), FieldPanel("tags")]),
        ],
        base_form_class=QuestionForm,
    )
    index_view_class = QuestionIndexView
    add_view_class = QuestionCreateView
    edit_view_class = QuestionEditView
    delete_view_class = GuardedDeleteView
    copy_view_enabled = False

    def get_queryset(self, request):
        return Question.objects.select_related("category").with_twins()


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
                    FieldRowPanel([FieldPanel("category"), FieldPanel("difficulty"), FieldPanel("count")]),
                    FieldPanel("question"),
                    FieldRowPanel([FieldPanel("mark"), FieldPanel("section")]),
                ],
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("time_limit_minutes"), FieldPanel("grace_seconds")]),
                    FieldRowPanel(
                        [FieldPanel("pass_percent"), FieldPanel("max_attempts"), FieldPanel("wait_minutes")]
                    ),
                    FieldPanel("penalty_percent"),
                    FieldPanel("counted"),
                    FieldPanel("shuffle"),
                    FieldPanel("navigation"),
                    FieldPanel("review"),
                    FieldPanel("is_active"),
                ],
                heading=gettext_lazy("Rules"),
            ),
            MultiFieldPanel(
                [FieldPanel("markers"), FieldPanel("anonymous_marking")],
                heading=gettext_lazy("Marking of essays"),
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
    delete_view_class = QuizDeleteView
    copy_view_enabled = False

    def get_queryset(self, request):
        return Quiz.objects.select_related("module")


for bulk_action in ACTIONS:
    hooks.register("register_bulk_action", bulk_action)
hooks.register("before_bulk_action", refuse_bulk_delete)


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [
        path("questions/import/", import_page, name="question_import"),
        path("questions/import/template/", template_file, name="question_template"),
        path("questions/export/", export_file, name="question_export"),
    ]


class BankGroup(SnippetViewSetGroup):
    menu_label = gettext_lazy("Tests")
    menu_icon = "help"
    menu_order = 250
    items = (CategoryViewSet, QuestionViewSet, QuizViewSet, SurveyViewSet)


register_snippet(BankGroup)
