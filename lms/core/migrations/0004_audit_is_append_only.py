"""The database itself refuses to change or delete what the audit trail says."""

from django.db import migrations

from lms.core.audit_guards import FIRST_COLUMNS, putting, taking


def put_guards(apps, schema_editor) -> None:
    for statement in putting(schema_editor.connection.vendor, FIRST_COLUMNS):
        schema_editor.execute(statement)


def take_guards(apps, schema_editor) -> None:
    for statement in taking(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [("core", "0003_audit_seal")]

    operations = [migrations.RunPython(put_guards, take_guards)]
