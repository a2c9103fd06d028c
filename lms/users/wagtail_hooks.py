"""What this room adds to the CMS admin."""

from django.urls import URLPattern, path
from wagtail import hooks

from .merging_admin import merge
from .personal_data_admin import download_data, erase
from .second_factor_admin import reset_second_step
from .sensitive_views import sensitive_particulars


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [
        path("users/<int:pk>/data/", download_data, name="download_personal_data"),
        path("users/<int:pk>/erase/", erase, name="erase_person"),
        path("users/<int:pk>/merge/", merge, name="merge_people"),
        path("users/<int:pk>/second-step/", reset_second_step, name="reset_second_step"),
        path("users/<int:pk>/sensitive/", sensitive_particulars, name="sensitive_particulars"),
    ]
