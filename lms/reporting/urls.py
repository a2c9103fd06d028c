"""Addresses of the reporting room."""

from django.urls import path

from .views import completion, explanation, names, overview, tokens

app_name = "reporting"
urlpatterns = [
    path("", completion.completion, name="completion"),
    path("hoan-thanh.<str:extension>", completion.completion_file, name="completion_file"),
    path("danh-sach/", names.names, name="names"),
    path("danh-sach.xlsx", names.names_file, name="names_file"),
    path("luot/<int:enrolment_id>/", explanation.explanation, name="explanation"),
    path("tong-quan/", overview.overview, name="overview"),
    path("api/", tokens.token_list, name="tokens"),
    path("api/moi/", tokens.token_new, name="token_new"),
    path("api/<int:token_id>/thu-hoi/", tokens.token_revoke, name="token_revoke"),
]
