"""Which groups of the CMS admin a role brings with it.

Groups carry rights to pages and settings, which only upper rooms know; they name them here in ``AppConfig.ready``. The
services of this room then keep the members in step with the role grants that hold today.
"""

_group_names: dict[str, str] = {}


def register_role_group(role: str, group_name: str) -> None:
    """Whoever holds the role anywhere is a member of the group. Registering a role again replaces its group."""
    _group_names[role] = group_name


def group_names() -> dict[str, str]:
    """Group name by role."""
    return dict(_group_names)
