"""Signing in and passwords. Of allauth's pages only those a closed house needs: nobody signs up, e-mails are the school's."""

from allauth.account import views
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from . import second_factor_views as second_factor
from . import single_sign_on_views as sign_on
from .personal_data_views import download_own_data, own_data
from .views import end_other_sessions, end_session, sessions

second_step = [
    path("", second_factor.IndexView.as_view(), name="mfa_index"),
    path("dang-nhap/", second_factor.AuthenticateView.as_view(), name="mfa_authenticate"),
    path("xac-nhan/", second_factor.ReauthenticateView.as_view(), name="mfa_reauthenticate"),
    path("ung-dung/", second_factor.ActivateTOTPView.as_view(), name="mfa_activate_totp"),
    path("ung-dung/go/", second_factor.DeactivateTOTPView.as_view(), name="mfa_deactivate_totp"),
    path("ma-du-phong/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "ma-du-phong/doi/",
        second_factor.GenerateRecoveryCodesView.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("ma-du-phong/tai/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    # allauth comes back here from its pages of one key.
    path("khoa/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("khoa/them/", second_factor.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("khoa/dang-nhap/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "khoa/xac-nhan/",
        second_factor.ReauthenticatePasskeyView.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("khoa/<int:pk>/doi-ten/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("khoa/<int:pk>/go/", second_factor.RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
]

urlpatterns = [
    path("hai-buoc/", include(second_step)),
    path("lien-ket/", sign_on.single_sign_on, name="single_sign_on"),
    path("lien-ket/<slug:provider_id>/them/", sign_on.link_single_sign_on, name="link_single_sign_on"),
    path("lien-ket/<int:pk>/go/", sign_on.unlink_single_sign_on, name="unlink_single_sign_on"),
    path("du-lieu/", own_data, name="own_data"),
    path("du-lieu/tai/", download_own_data, name="download_own_data"),
    path("phien/", sessions, name="account_sessions"),
    path("phien/ket-thuc/", end_other_sessions, name="account_end_other_sessions"),
    path("phien/<int:pk>/ket-thuc/", end_session, name="account_end_session"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),  # says that it is closed
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
