"""Addresses of the reporting room."""

from django.urls import path

from .views import completion, explanation, names, obligations, overview, tokens

app_name = "reporting"
urlpatterns = [
    path("", completion.completion, name="completion"),
    path("hoan-thanh.<str:extension>", completion.completion_file, name="completion_file"),
    path("danh-sach/", names.names, name="names"),
    path("danh-sach.xlsx", names.names_file, name="names_file"),
    path("luot/<int:enrolment_id>/", explanation.explanation, name="explanation"),
    path("nghia-vu/", obligations.matrix, name="matrix"),
    path("nghia-vu.<str:extension>", obligations.matrix_file, name="matrix_file"),
    path("nghia-vu/danh-sach/", obligations.obligation_names, name="obligation_names"),
    path("nghia-vu/danh-sach.xlsx", obligations.obligation_names_file, name="obligation_names_file"),
    path("nghia-vu/<str:code>/<int:person_id>/", obligations.obligation, name="obligation"),
    path("tong-quan/", overview.overview, name="overview"),
    path("api/", tokens.token_list, name="tokens"),
    path("api/moi/", tokens.token_new, name="token_new"),
    path("api/<int:token_id>/thu-hoi/", tokens.token_revoke, name="token_revoke"),
]
