"""Addresses of this room."""

from django.urls import path

from .views import holders, issuing, register, verification

app_name = "certificates"
urlpatterns = [
    path("cua-toi/", holders.mine, name="mine"),
    path("<int:pk>/tai-ve/", holders.download, name="download"),
    path("lop/", issuing.runs, name="runs"),
    path("lop/<str:code>/", issuing.run_detail, name="run"),
    path("lop/<str:code>/cap/", issuing.issue, name="issue"),
    path("so-cap/", register.register, name="register"),
    path("so-cap/in/", register.register_print, name="register_print"),
    path("so-cap/pdf/", register.register_pdf, name="register_pdf"),
    path("so-cap/toan-bo/", register.register_book, name="register_book"),
    path("so-cap/tep/<uuid:public_id>/", register.register_file, name="register_file"),
    path("so-cap/xlsx/", register.register_xlsx, name="register_xlsx"),
    path("xac-thuc/", verification.lookup, name="lookup"),
    path("xac-thuc/<str:token>/", verification.verify, name="verify"),
]
