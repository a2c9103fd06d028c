"""The triggers that keep the audit trail as it was written. Used by migrations alone: a column more needs a new one.

One thing stays possible: to empty ``object_label``, which may name a person who is to be erased.
"""

MESSAGE = "the audit trail is append-only"
FIRST_COLUMNS = ["id", "at", "actor_id", "action", "object_type", "object_id", "data"]
COLUMNS_WITH_ORIGIN = [*FIRST_COLUMNS, "actor_role", "actor_unit", "address"]

_SQLITE = {
    "core_audit_no_update": "BEFORE UPDATE OF {kept} ON core_auditevent",
    "core_audit_label_only_emptied": "BEFORE UPDATE OF object_label ON core_auditevent WHEN NEW.object_label <> ''",
    "core_audit_no_delete": "BEFORE DELETE ON core_auditevent",
    "core_seal_no_update": "BEFORE UPDATE ON core_auditseal",
    "core_seal_no_delete": "BEFORE DELETE ON core_auditseal",
}
_POSTGRESQL = {
    "core_audit_no_update": "BEFORE UPDATE OF {kept} ON core_auditevent FOR EACH ROW",
    "core_audit_label_only_emptied": (
        "BEFORE UPDATE OF object_label ON core_auditevent FOR EACH ROW WHEN (NEW.object_label <> '')"
    ),
    "core_audit_no_delete": "BEFORE DELETE ON core_auditevent FOR EACH ROW",
    "core_audit_no_truncate": "BEFORE TRUNCATE ON core_auditevent FOR EACH STATEMENT",
    "core_seal_no_update": "BEFORE UPDATE ON core_auditseal FOR EACH ROW",
    "core_seal_no_delete": "BEFORE DELETE ON core_auditseal FOR EACH ROW",
    "core_seal_no_truncate": "BEFORE TRUNCATE ON core_auditseal FOR EACH STATEMENT",
}


def putting(vendor: str, kept: list[str]) -> list[str]:
    """Statements that guard the columns."""
    columns = ", ".join(kept)
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} {when.format(kept=columns)} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            for name, when in _SQLITE.items()
        ]
    function = (
        "CREATE OR REPLACE FUNCTION core_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {name} {when.format(kept=columns)} EXECUTE FUNCTION core_audit_is_append_only()"
            for name, when in _POSTGRESQL.items()
        ),
    ]


def taking(vendor: str) -> list[str]:
    """Statements that take the guards away."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _SQLITE]
    tables = {"core_audit": "core_auditevent", "core_seal": "core_auditseal"}
    return [f"DROP TRIGGER {name} ON {tables['_'.join(name.split('_')[:2])]}" for name in _POSTGRESQL]
