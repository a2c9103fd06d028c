"""The platform's addresses and one more, whose view forgets to ask whose unit it shows."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from lms.organisations.models import Unit
from lms.urls import urlpatterns as platform


@login_required
def leaking(request: HttpRequest, code: str) -> HttpResponse:
    postings = get_object_or_404(Unit, code=code).postings.select_related("person")
    return HttpResponse("\n".join(str(posting.person) for posting in postings))


urlpatterns = [path("ro-ri/<str:code>/", leaking, name="leaking_unit"), *platform]
