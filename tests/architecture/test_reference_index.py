"""Wagtail reads every foreign key of an indexed model at each save; only what authors write is worth that."""

from django.apps import apps
from wagtail.models import ReferenceIndex

from .sources import ROOMS

AUTHORED = {
    "assessments.Question",
    "assessments.Quiz",
    "cms.HomePage",
    "cms.NewsIndexPage",
    "cms.NewsPage",
    "cms.StandardPage",
    "courses.CatalogPage",
    "courses.CoursePage",
    "courses.LessonPage",
    "courses.ModulePage",
}


def test_only_what_authors_write_is_in_wagtails_index_of_references():
    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in ROOMS]
    assert {m._meta.label for m in ours if ReferenceIndex.model_is_indexable(m)} == AUTHORED
