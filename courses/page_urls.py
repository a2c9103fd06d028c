"""The short way to lesson pages; stands right before Wagtail's own addresses, since any page may look like a lesson's."""

from django.urls import URLPattern, re_path

from courses.views.lessons import lesson_by_path

urlpatterns: list[URLPattern] = [
    # catalogue / course / module / lesson; what begins with "_util/" are Wagtail's forms for private pages
    re_path(r"^(?!_util/)(?P<path>(?:[^/]+/){4})$", lesson_by_path, name="lesson_page"),
]
