"""What each action of the audit trail is called on screen. Every room says so in its ``audit_actions.ACTIONS``."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.functional import Promise

Words = str | Promise


@cache
def known_actions() -> dict[str, Words]:
    """Action → what was done, beginning with a capital letter; translated when it is shown."""
    words: dict[str, Words] = {}
    for app in apps.get_app_configs():
        name = f"{app.name}.audit_actions"
        if find_spec(name) is not None:
            words |= import_module(name).ACTIONS
    return words


def words_of(action: str) -> Words:
    """An action nobody has named is shown by its code: the trail hides nothing."""
    return known_actions().get(action, action)
