"""What this room adds to the CMS admin."""

from wagtail import hooks

from .viewsets import OrganisationViewSetGroup


@hooks.register("register_admin_viewset")
def organisation() -> OrganisationViewSetGroup:
    return OrganisationViewSetGroup()
