"""The floors of what goes over HTTP: the least a Django and a Wagtail project would do, in the same process and database.

The middleware is what ``django-admin startproject`` and ``wagtail start`` write into a new project, nothing of ours. The
addresses are the two floors and Wagtail's own, so that no floor pays for finding its way through the platform's.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path
from django.utils import timezone
from wagtail import urls as wagtail_urls
from wagtail.models import Page

from cms.models import StandardPage

DJANGO_MIDDLEWARE = [
    "tests.benchmarks.bare.own_addresses",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
WAGTAIL_MIDDLEWARE = [*DJANGO_MIDDLEWARE, "wagtail.contrib.redirects.middleware.RedirectMiddleware"]

# Every text of a page but the shell around it; who is signed in stands on it, as on any page for people signed in.
PAGE = """{% load wagtailcore_tags %}<!DOCTYPE html>
<html lang="vi">
  <head><meta charset="utf-8"><title>{{ page.title }}</title></head>
  <body>
    <header>{{ request.user }}</header>
    <main><h1>{{ page.title }}</h1><p>{{ page.summary }}</p>{% include_block page.body %}</main>
  </body>
</html>
"""

UPSERT = """
INSERT INTO assessments_attemptquestion
  (attempt_id, position, version_id, section, choice_order, max_mark, answer, sequence, saved_at)
VALUES (%s, %s, %s, '', '[]', 1, %s, %s, %s)
ON CONFLICT (attempt_id, position) DO UPDATE SET
  answer = excluded.answer, sequence = excluded.sequence, saved_at = excluded.saved_at
"""


def own_addresses(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return get_response(request)

    return middleware


def save_answer(request: HttpRequest, attempt_id: int, position: int) -> JsonResponse:
    """Session, user, one upsert that commits by itself. No check of right, deadline, order or tab."""
    if request.method != "POST" or not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            [
                attempt_id,
                position,
                int(request.POST["version"]),
                json.dumps(json.loads(request.POST["answer"])),
                int(request.POST["sequence"]),
                connection.ops.adapt_datetimefield_value(now),
            ],
        )
    return JsonResponse({"saved_at": now})


@contextmanager
def bare_pages() -> Iterator[None]:
    """Standard pages are rendered by ``PAGE`` with Wagtail's own context and its own look at privacy."""
    template = engines["django"].from_string(PAGE)
    with patch.multiple(
        StandardPage,
        get_template=lambda page, request, *args, **kwargs: template,
        get_context=Page.get_context,
        get_view_restrictions=Page.get_view_restrictions,
    ):
        yield


urlpatterns = [
    path("answer/<int:attempt_id>/<int:position>/", save_answer),
    path("", include(wagtail_urls)),
]
