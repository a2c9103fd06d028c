"""Addresses of requirements. Part of ``courses.urls``."""

from django.urls import path

from .views import requirements

urlpatterns = [
    path("yeu-cau/", requirements.requirements, name="requirements"),
    path("yeu-cau/tao/", requirements.requirement_create, name="requirement_create"),
    path("yeu-cau/<str:code>/", requirements.requirement, name="requirement"),
    path("yeu-cau/<str:code>/sua/", requirements.requirement_edit, name="requirement_edit"),
    path("yeu-cau/<str:code>/ket-thuc/", requirements.requirement_end, name="requirement_end"),
    path("yeu-cau/<str:code>/mien/<int:pk>/", requirements.exempt, name="exempt"),
    path("yeu-cau/<str:code>/mien/<int:pk>/thoi/", requirements.exemption_end, name="exemption_end"),
    path("yeu-cau/<str:code>/mien/<int:pk>/ban-chup/", requirements.exemption_scan, name="exemption_scan"),
    path("yeu-cau/<str:code>/cong-nhan/<int:pk>/", requirements.recognise, name="recognise"),
]
