"""Who may know whom: by import, and by foreign key (a string foreign key is knowledge too)."""

import subprocess

from django.apps import apps
from django.db.models import Model

from lms.runtime.places import ROOT, VENV, child_environment

# From the lowest room to the highest; each may point only to itself and to what stands before it.
ORDER = [
    "lms.core",
    "lms.users",
    "lms.organisations",
    "cms",
    "courses",
    "assessments",
    "certificates",
    "lms.reporting",
    "lms.demo",
]


def room_of(model: type[Model]) -> str | None:
    name = apps.get_app_config(model._meta.app_label).name
    return name if name in ORDER else None


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if room_of(model)]


def upward_relations(models: list[type[Model]]) -> list[str]:
    found = []
    for model in models:
        for field in model._meta.get_fields(include_hidden=True):
            if field.auto_created or not field.is_relation or not isinstance(field.related_model, type):
                continue
            if getattr(field, "swappable_setting", None) == "AUTH_USER_MODEL":
                continue  # "the user model, whichever it is" is Django's own indirection, not knowledge of lms.users
            target = room_of(field.related_model)
            if target and ORDER.index(target) > ORDER.index(room_of(model)):
                found.append(
                    f"{model._meta.label}.{field.name} → {field.related_model._meta.label} ({target})"
                )
    return found


def test_import_contracts_hold():
    done = subprocess.run(
        [str(VENV / "bin" / "lint-imports"), "--no-logo"],
        cwd=ROOT, env=child_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_is_in_the_order():
    own = {
        config.name
        for config in apps.get_app_configs()
        if config.path.startswith(str(ROOT)) and ".venv" not in config.path
    }
    assert own == set(ORDER)


def test_foreign_keys_point_to_the_same_room_or_a_lower_one():
    assert own_models()
    assert upward_relations(own_models()) == []


def test_an_upward_foreign_key_would_be_found(monkeypatch):
    """The test above can fail: with the order turned round, every key between rooms points upward."""
    monkeypatch.setattr("tests.architecture.test_rooms.ORDER", ORDER[::-1])
    assert upward_relations(own_models())


def test_migrations_depend_on_the_same_room_or_a_lower_one():
    from django.db.migrations.loader import MigrationLoader

    rooms = {config.label: config.name for config in apps.get_app_configs() if config.name in ORDER}
    upward = [
        f"{app}.{name} → {other}.{needed}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        for other, needed in migration.dependencies
        if app in rooms
        and other in rooms
        and needed != "__first__"  # __first__: the swappable user model
        and ORDER.index(rooms[other]) > ORDER.index(rooms[app])
    ]
    assert upward == []
