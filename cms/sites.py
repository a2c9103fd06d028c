"""The site a request is for, read together with its names, which every page shows."""

from django.http import HttpRequest
from wagtail.models import Site, SiteRootPath

from .models import SiteSettings


def root_paths(request: HttpRequest) -> list[SiteRootPath]:
    """Wagtail's list of the front pages, read from its cache once a request and kept where it keeps it for its links."""
    if not hasattr(request, "_wagtail_cached_site_root_paths"):
        request._wagtail_cached_site_root_paths = Site.get_site_root_paths()
    return request._wagtail_cached_site_root_paths


def site_for(request: HttpRequest) -> Site | None:
    """What Wagtail's ``Site.find_for_request`` gives, with the names of the site in the same query.

    An installation has one site as a rule, and Wagtail's cached list of roots says so. With several of them, or before
    the names are entered, Wagtail looks for itself.
    """
    if not hasattr(request, "_wagtail_site"):
        site_ids = {root.site_id for root in root_paths(request)}
        if len(site_ids) == 1:
            _know_the_only_site(request, site_ids.pop())
    return Site.find_for_request(request)


def site_names(request: HttpRequest) -> SiteSettings:
    site_for(request)
    return SiteSettings.for_request(request)


def _know_the_only_site(request: HttpRequest, site_id: int) -> None:
    """Keep site and names where Wagtail keeps them. The default site answers to every host name."""
    rows = SiteSettings.objects.filter(site=site_id, site__is_default_site=True)
    names = rows.select_related("site").first()
    if names is not None:
        request._wagtail_site = names.site
        setattr(request, SiteSettings.get_cache_attr_name(), names)
