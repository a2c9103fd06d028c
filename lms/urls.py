"""Every address of the platform. Each room brings its own; the CMS answers what is left."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from cms import views as cms_views
from cms.sitemaps import PublicPages
from lms.core import views as core_views

urlpatterns = [
    path("api/v1/", include("lms.api")),
    path("healthz", core_views.health, name="health"),
    # One way in: whatever guards it guards the CMS too.
    path("quan-tri/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("quan-tri/", include(wagtailadmin_urls)),
    path("tai-lieu/", include(wagtaildocs_urls)),
    path("robots.txt", cms_views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": PublicPages}}, name="sitemap"),
    path("media/<path:name>", core_views.public_media, name="public_media"),
    path("tai-khoan/cong/", include("lms.users.single_sign_on_urls")),
    *i18n_patterns(
        path("patterns/", core_views.patterns, name="patterns"),
        path("tai-khoan/", include("lms.users.urls")),
        path("cong-viec/", include("lms.core.urls")),
        path("", include("cms.urls")),
        path("", include("courses.urls")),
        path("kiem-tra/", include("assessments.urls")),
        path("chung-chi/", include("certificates.urls")),
        path("bao-cao/", include("lms.reporting.urls")),
        path("", include("courses.page_urls")),
        path("", include("cms.page_urls")),
        prefix_default_language=False,
    ),
]

handler400 = "django.views.defaults.bad_request"
if settings.DEBUG:
    from django.contrib.staticfiles.urls import staticfiles_urlpatterns

    urlpatterns = staticfiles_urlpatterns() + urlpatterns
