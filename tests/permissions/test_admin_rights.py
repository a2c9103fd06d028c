"""Every address of the CMS admin has a row, and every cell of its table holds."""

from collections import Counter
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from cms.groups import ensure_groups
from lms.core.models import AuditEvent
from tests.factories.assessments import make_quiz
from tests.factories.cms import make_document, make_photograph
from tests.factories.surveys import make_survey

from .addresses import admin_arguments
from .admin_rows import ADMIN_ROWS, INSIDE, OUTSIDE, REFUSED
from .table import SIGN_IN
from .world import build_world

# Wagtail's redirect to our sign-in page, its test of "not found", and "not found" itself.
WITHOUT_A_NAME = {"unnamed quan-tri/login/", "unnamed quan-tri/test404/", "unnamed quan-tri/^.*/$"}


def test_every_address_of_the_admin_has_a_row():
    assert admin_arguments().keys() - {row.name for row in ADMIN_ROWS} == WITHOUT_A_NAME


def test_no_row_speaks_of_an_address_that_is_gone():
    assert {row.name for row in ADMIN_ROWS} - admin_arguments().keys() == set()


def test_each_address_has_one_row():
    assert [name for name, count in Counter(row.name for row in ADMIN_ROWS).items() if count > 1] == []


def admin_world() -> SimpleNamespace:
    world = build_world()
    module = world.course.get_children().get().specific
    world.lesson = module.get_children().first().specific
    world.lesson.save_revision()
    world.quiz = make_quiz(module=module)
    world.survey = make_survey()
    world.question = world.quiz.draws.get().category.questions.first()
    world.document, world.image = make_document(), make_photograph()
    ensure_groups()
    return world


def arguments(name: str, wanted: list[str], world) -> dict:
    """A real record for each argument of the address; where nothing of the kind is in the world, number 1."""
    records = {
        "wagtailsnippets_assessments_questioncategory": world.question.category,
        "wagtailsnippetchoosers_assessments_questioncategory": world.question.category,
        "wagtailsnippets_assessments_question": world.question,
        "wagtailsnippetchoosers_assessments_question": world.question,
        "wagtailsnippets_assessments_quiz": world.quiz,
        "wagtailsnippetchoosers_assessments_quiz": world.quiz,
        "wagtailsnippets_assessments_survey": world.survey,
        "wagtailsnippetchoosers_assessments_survey": world.survey,
        "units": world.unit_a,
        "postings": world.learner.postings.get(),
        "roles": world.coordinator.role_grants.get(),
        "audit": AuditEvent.objects.earliest("pk"),
        "wagtailsites": Site.objects.get(),
        "wagtailusers_groups": Group.objects.earliest("pk"),
        "wagtailusers_users": world.learner,
        "": world.learner,
        "wagtaildocs_chooser": world.document,
        "wagtailadmin_api:documents": world.document,
        "wagtailimages_chooser": world.image,
        "wagtailadmin_api:images": world.image,
        "wagtailadmin_api:pages": world.lesson,
    }
    lesson = {"app": "courses", "model": "lessonpage"}
    given = {
        "page_id": world.lesson.pk,
        "page_pk": world.lesson.pk,
        "page_to_move_id": world.lesson.pk,
        "object_id": str(world.lesson.pk),
        "parent_page_id": world.course.pk,
        "destination_id": world.course.pk,
        "revision_id": world.lesson.latest_revision_id,
        "document_id": world.document.pk,
        "doc_id": world.document.pk,
        "image_id": world.image.pk,
        "filter_spec": "max-100x100",
        "content_type_app_name": lesson["app"],
        "content_type_model_name": lesson["model"],
        "app_label": lesson["app"],
        "app_name": lesson["app"],
        "model_name": lesson["model"],
        "action": "archive",
        "action_name": "copy",
        "kind": "rename",
        "public_id": UUID(int=0),
        "uidb64": "1",
        "token": "khong-co",
        "pk": getattr(records.get(name.rpartition(":")[0]), "pk", 1),
    }
    if name in ("units:event", "units:undo", "units:scan"):
        given["pk"] = 0  # nothing was merged or renamed in this world
    return {argument: given.get(argument, 1) for argument in wanted}


def address(name: str, wanted: list[str], world) -> str:
    if name == "wagtailadmin_pages:revisions_compare":
        return reverse(name, args=[world.lesson.pk, "live", "latest"])
    return reverse(name, kwargs=arguments(name, wanted, world))


def got(client: Client, url: str) -> int | str:
    response = client.get(url)
    if response.status_code == 302:
        if response.url.startswith(reverse(settings.LOGIN_URL)):
            return SIGN_IN
        if response.url == reverse("wagtailadmin_home"):
            return REFUSED
    return response.status_code


class _Undo(Exception):
    pass


@pytest.mark.django_db
def test_each_person_gets_what_the_table_says():
    """In one world for all rows: each would take longer to build than to ask."""
    world = admin_world()
    wanted = admin_arguments()
    wrong = []
    for row in ADMIN_ROWS:
        url = address(row.name, wanted[row.name], world)
        for person in ["anonymous", *OUTSIDE, *INSIDE]:
            client = Client()
            if person != "anonymous":
                client.force_login(getattr(world, person), backend=settings.AUTHENTICATION_BACKENDS[0])
            try:
                with transaction.atomic():
                    found = got(client, url)
                    raise _Undo
            except _Undo:
                expected = row.outside if person in OUTSIDE else getattr(row, person)
                if found != expected:
                    wrong.append(f"{person} at {row.name}: {found}, the table says {expected}")
    assert wrong == []
