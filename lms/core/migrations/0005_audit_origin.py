"""Events say in which role, of which unit and from which address; guarded like the rest of them.

SQLite makes the table anew for a column, and its triggers go with the old one: they are put again on the new.
"""

from django.db import migrations, models

from lms.core.audit_guards import COLUMNS_WITH_ORIGIN, FIRST_COLUMNS, putting, taking


def take_guards(apps, schema_editor) -> None:
    for statement in taking(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def put_guards(columns: list[str]):
    def put(apps, schema_editor) -> None:
        for statement in putting(schema_editor.connection.vendor, columns):
            schema_editor.execute(statement)

    return put


class Migration(migrations.Migration):

    dependencies = [("core", "0004_audit_is_append_only")]

    operations = [
        migrations.RunPython(take_guards, put_guards(FIRST_COLUMNS)),
        migrations.AddField(
            "auditevent", "actor_role", models.CharField("in the role", max_length=120, blank=True, default=""), preserve_default=False,
        ),
        migrations.AddField(
            "auditevent", "actor_unit", models.CharField("unit of the role", max_length=120, blank=True, default=""), preserve_default=False,
        ),
        migrations.AddField(
            "auditevent", "address", models.CharField("address", max_length=45, blank=True, default=""), preserve_default=False,
        ),
        migrations.RunPython(put_guards(COLUMNS_WITH_ORIGIN), take_guards),
    ]
