import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("core", "0002_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("sequence", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seal", to="core.auditevent"
                    ),
                ),
            ],
            options={
                "verbose_name": "seal of an audit event",
                "verbose_name_plural": "seals of the audit trail",
            },
        ),
    ]
