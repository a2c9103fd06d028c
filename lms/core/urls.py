"""Addresses of this room."""

from django.urls import path

from . import job_views

app_name = "core"
urlpatterns = [
    path("", job_views.job_list, name="jobs"),
    path("<uuid:public_id>/", job_views.job_status, name="job_status"),
    path("<uuid:public_id>/lam-lai/", job_views.job_retry, name="job_retry"),
]
