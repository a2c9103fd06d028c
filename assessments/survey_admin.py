"""Forms of surveys in the CMS admin, beside quizzes. Classes keep the form as it was when it was opened for them."""

from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views import snippets as views
from wagtail.snippets.views.snippets import SnippetViewSet

from assessments.admin_forms import SurveyForm
from assessments.admin_views import GuardedDeleteView, PlainIndexView
from assessments.models import Survey
from assessments.services.surveys import register_survey


class RegisteredSurvey:
    def save_instance(self):
        survey = super().save_instance()
        created = self.view_name == "create"
        return register_survey(survey=survey, actor=self.request.user, now=timezone.now(), created=created)


class SurveyCreateView(RegisteredSurvey, views.CreateView):
    pass


class SurveyEditView(RegisteredSurvey, views.EditView):
    pass


class SurveyViewSet(SnippetViewSet):
    model = Survey
    icon = "form"
    menu_label = gettext_lazy("Surveys")
    list_display = [
        "number",
        "title",
        Column("respondents", label=gettext_lazy("Who is asked"), accessor="get_respondents_display"),
        "is_anonymous",
        "is_active",
    ]
    list_filter = ["respondents", "is_anonymous", "is_active"]
    search_fields = ["number", "title", "title_en"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("number"), FieldPanel("respondents")]),
            FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
            FieldRowPanel([FieldPanel("intro"), FieldPanel("intro_en")]),
            FieldRowPanel([FieldPanel("is_anonymous"), FieldPanel("is_active")]),
            InlinePanel(
                "indicators",
                label=pgettext_lazy("survey", "Indicator"),
                heading=gettext_lazy("Indicators"),
                help_text=gettext_lazy(
                    "Numbered in this order. Classes that are asked already keep their form."
                ),
                panels=[
                    FieldRowPanel([FieldPanel("heading"), FieldPanel("heading_en")]),
                    FieldRowPanel([FieldPanel("text"), FieldPanel("text_en")]),
                    FieldPanel("kind"),
                ],
            ),
        ],
        base_form_class=SurveyForm,
    )
    index_view_class = PlainIndexView
    add_view_class = SurveyCreateView
    edit_view_class = SurveyEditView
    delete_view_class = GuardedDeleteView
    copy_view_enabled = False
