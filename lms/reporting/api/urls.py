"""Addresses of the API, below ``api/v1/``."""

from django.urls import path

from . import views

urlpatterns = [
    path("units", views.UnitList.as_view(), name="units"),
    path("people", views.PersonList.as_view(), name="people"),
    path("results", views.ResultList.as_view(), name="results"),
    path("results/changes", views.ResultChanges.as_view(), name="result_changes"),
    path("runs", views.RunList.as_view(), name="runs"),
    path("certificates", views.CertificateList.as_view(), name="certificates"),
    path("obligations", views.Obligations.as_view(), name="obligations"),
    path("completion", views.Completion.as_view(), name="completion"),
]
