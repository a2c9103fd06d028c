"""The groups of the CMS admin, and the rights each of them carries.

Rooms register what a group may do in ``AppConfig.ready``; ``ensure_groups`` writes it down. Who is a member follows from
role grants (``lms.organisations.role_groups``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

TRAINERS = "Giảng viên"
EDITORS = "Biên tập viên"
SYSTEM_ADMINISTRATORS = "Quản trị hệ thống"

ADMIN_ACCESS = ("wagtailadmin", "access_admin")
READ_TRAIL = ("core", "view_auditevent")
# People, units, postings, roles and sites, and to read what was done; no pages, no grades, never a superuser.
SYSTEM_RIGHTS = [
    *(
        (app, f"{action}_{model}")
        for app, models in [
            ("users", ["user"]),
            ("organisations", ["unit", "posting", "rolegrant"]),
            ("wagtailcore", ["site"]),
        ]
        for model in models
        for action in ("add", "change", "view")
    ),
    READ_TRAIL,
]
PAGE_ACTIONS = ("add_page", "change_page", "publish_page")
# On the root collection, so on every picture and document of the school.
FILE_RIGHTS = [
    (app, f"{action}_{model}")
    for app, model in [("wagtailimages", "image"), ("wagtaildocs", "document")]
    for action in ("add", "change", "choose")
]


@dataclass
class _Rights:
    permissions: set[tuple[str, str]] = field(default_factory=set)
    trees: list[Callable[[], QuerySet[Page]]] = field(default_factory=list)
    files: bool = False


_rights: dict[str, _Rights] = {}


def register_group_rights(
    group_name: str,
    *,
    permissions: Iterable[tuple[str, str]] = (),
    pages: Callable[[], QuerySet[Page]] | None = None,
    files: bool = False,
) -> None:
    """Add to what a group may do.

    ``permissions`` are pairs (app label, codename); ``pages()`` gives the tops of the trees whose pages it may add, change
    and publish; ``files`` lets it choose, add and change pictures and documents.
    """
    rights = _rights.setdefault(group_name, _Rights())
    rights.permissions |= set(permissions)
    rights.files = rights.files or files
    if pages is not None and pages not in rights.trees:
        rights.trees.append(pages)


def _permissions(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Permission]:
    """The rows of permissions by (app label, codename); made where a new app's are not there yet."""
    pairs = set(wanted)
    condition = Q(pk__in=[])
    for app_label, codename in pairs:
        condition |= Q(content_type__app_label=app_label, codename=codename)

    def found() -> dict[tuple[str, str], Permission]:
        rows = Permission.objects.filter(condition).select_related("content_type")
        return {(row.content_type.app_label, row.codename): row for row in rows}

    known = found()
    if missing := pairs - known.keys():
        for app_label in sorted({app_label for app_label, _codename in missing}):
            create_permissions(apps.get_app_config(app_label), verbosity=0)
        known = found()
    return known


@transaction.atomic
def ensure_groups() -> list[Group]:
    """Make the groups and give them their rights. A second run changes nothing; rights added by hand stay."""
    needed = {pair for rights in _rights.values() for pair in rights.permissions}
    known = _permissions([*needed, *FILE_RIGHTS, *(("wagtailcore", action) for action in PAGE_ACTIONS)])
    root = Collection.get_first_root_node()
    groups = []
    for name, rights in sorted(_rights.items()):
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*(known[pair] for pair in rights.permissions if pair in known))
        for page in (page for pages in rights.trees for page in pages()):
            for action in PAGE_ACTIONS:
                GroupPagePermission.objects.get_or_create(
                    group=group, page_id=page.pk, permission=known["wagtailcore", action]
                )
        if rights.files and root is not None:
            for pair in FILE_RIGHTS:
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=root, permission=known[pair]
                )
        groups.append(group)
    return groups
