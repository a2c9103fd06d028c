"""What the CMS admin leaves open to everybody who may enter it, closed for those it does not concern.

Wagtail asks for rights on its pages of records, but not on all of its choosers and admin API listings: whoever may enter
could read titles and questions there. Rights come from groups (``cms.groups``), as everywhere in the admin.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from wagtail.documents.permissions import permission_policy as documents
from wagtail.images.permissions import permission_policy as images
from wagtail.models import Page
from wagtail.permissions import page_permission_policy as pages

ADMIN_PATH = "/quan-tri/"
# The ways in and out, and what their pages are drawn with.
OPEN_TO_ALL = {
    None,  # the redirect of the CMS's own sign-in page to ours, and its "not found"
    "wagtailadmin_login",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
}
SNIPPET_CHOOSERS = "wagtailsnippetchoosers_"

Allowed = Callable[[Any, dict[str, Any]], bool]


def _may_choose_documents(user, kwargs: dict[str, Any]) -> bool:
    return documents.user_has_permission(user, "choose")


def _may_choose_images(user, kwargs: dict[str, Any]) -> bool:
    return images.user_has_permission(user, "choose")


def _may_move(user, kwargs: dict[str, Any]) -> bool:
    page = get_object_or_404(Page, pk=kwargs["page_to_move_id"])
    return page.permissions_for_user(user).can_move()


def _is_superuser(user, kwargs: dict[str, Any]) -> bool:
    return user.is_superuser


def _edits_pages(user, kwargs: dict[str, Any]) -> bool:
    return pages.user_has_any_permission(user, {"add", "change", "publish"})


GATES: dict[str, Allowed] = {
    "wagtailadmin_api:documents:": _may_choose_documents,
    "wagtaildocs_chooser:": _may_choose_documents,
    "wagtailadmin_api:images:": _may_choose_images,
    "wagtailimages_chooser:": _may_choose_images,
    "wagtailadmin_pages:move_confirm": _may_move,
    "wagtailadmin_pages:": _edits_pages,
    "wagtailadmin_workflows:task_cho": _edits_pages,
    "wagtailsearchpromotions:chooser": _edits_pages,
    "wagtailembeds:": _edits_pages,
    # raises an exception on purpose
    "wagtailadmin_error_test": _is_superuser,
}


def _may_choose_snippet(user, namespace: str) -> bool:
    app_label, model_name = namespace.removeprefix(SNIPPET_CHOOSERS).rsplit("_", 1)
    return any(
        user.has_perm(f"{app_label}.{action}_{model_name}") for action in ("add", "change", "delete", "view")
    )


class AdminGateMiddleware:
    """403 for a signed-in person without the right, on the paths of the CMS admin.

    Who may not enter the admin at all is told so; Wagtail alone would send them to the sign-in page and that one, as they
    are signed in, back again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args: list, kwargs: dict[str, Any]) -> None:
        if not request.path.startswith(ADMIN_PATH) or not request.user.is_authenticated:
            return
        match = request.resolver_match
        if match.url_name in OPEN_TO_ALL:
            return
        name = match.view_name
        if not request.user.has_perm("wagtailadmin.access_admin"):
            raise PermissionDenied
        if name.startswith(SNIPPET_CHOOSERS) and not _may_choose_snippet(request.user, match.namespace):
            raise PermissionDenied
        for prefix, allowed in GATES.items():
            if name.startswith(prefix):
                if not allowed(request.user, kwargs):
                    raise PermissionDenied
                return
