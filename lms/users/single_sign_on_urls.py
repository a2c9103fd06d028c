"""Where providers lead back to: one address in every language, because it is registered with them."""

from django.urls import path

from . import single_sign_on_views as views

urlpatterns = [
    path("<slug:provider_id>/", views.login, name="openid_connect_login"),
    path("<slug:provider_id>/ve/", views.callback, name="openid_connect_callback"),
]
