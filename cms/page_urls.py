"""Wagtail's addresses, with our own way to a page in the place of its."""

from django.urls import re_path
from wagtail import urls as wagtail_urls

from .views import page_by_path

urlpatterns = [
    *(url for url in wagtail_urls.urlpatterns if url.name != "wagtail_serve"),
    re_path(wagtail_urls.serve_pattern, page_by_path, name="wagtail_serve"),
]
