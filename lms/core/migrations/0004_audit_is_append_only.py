"""The database itself refuses to change or delete what the audit trail says.

One thing stays possible: to empty ``object_label``, which may name a person who is to be erased.
"""

from django.db import migrations

MESSAGE = "the audit trail is append-only"
KEPT = "id, at, actor_id, action, object_type, object_id, data"


def sqlite_triggers() -> list[str]:
    guards = {
        "core_audit_no_update": f"BEFORE UPDATE OF {KEPT} ON core_auditevent",
        "core_audit_label_only_emptied": "BEFORE UPDATE OF object_label ON core_auditevent WHEN NEW.object_label <> ''",
        "core_audit_no_delete": "BEFORE DELETE ON core_auditevent",
        "core_seal_no_update": "BEFORE UPDATE ON core_auditseal",
        "core_seal_no_delete": "BEFORE DELETE ON core_auditseal",
    }
    return [
        f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for name, when in guards.items()
    ]


def postgresql_triggers() -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION core_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    guards = {
        "core_audit_no_update": f"BEFORE UPDATE OF {KEPT} ON core_auditevent FOR EACH ROW",
        "core_audit_label_only_emptied": (
            "BEFORE UPDATE OF object_label ON core_auditevent FOR EACH ROW WHEN (NEW.object_label <> '')"
        ),
        "core_audit_no_delete": "BEFORE DELETE ON core_auditevent FOR EACH ROW",
        "core_audit_no_truncate": "BEFORE TRUNCATE ON core_auditevent FOR EACH STATEMENT",
        "core_seal_no_update": "BEFORE UPDATE ON core_auditseal FOR EACH ROW",
        "core_seal_no_delete": "BEFORE DELETE ON core_auditseal FOR EACH ROW",
        "core_seal_no_truncate": "BEFORE TRUNCATE ON core_auditseal FOR EACH STATEMENT",
    }
    return [
        function,
        *(
            f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION core_audit_is_append_only()"
            for name, when in guards.items()
        ),
    ]


def put_guards(apps, schema_editor) -> None:
    statements = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}[schema_editor.connection.vendor]()
    for statement in statements:
        schema_editor.execute(statement)


def take_guards(apps, schema_editor) -> None:
    on = {"core_audit": "core_auditevent", "core_seal": "core_auditseal"}
    names = [
        "core_audit_no_update", "core_audit_label_only_emptied", "core_audit_no_delete",
        "core_seal_no_update", "core_seal_no_delete",
    ]  # fmt: skip
    if schema_editor.connection.vendor == "postgresql":
        names += ["core_audit_no_truncate", "core_seal_no_truncate"]
    for name in names:
        table = on["_".join(name.split("_")[:2])]
        tail = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {name}{tail}")


class Migration(migrations.Migration):

    dependencies = [("core", "0003_audit_seal")]

    operations = [migrations.RunPython(put_guards, take_guards)]
