"""Until now every attempt was scored when it was handed in: what was called submitted is graded."""

from django.db import migrations


def to_graded(apps, schema_editor):
    apps.get_model("assessments", "Attempt").objects.filter(state="submitted").update(state="graded")


def to_submitted(apps, schema_editor):
    apps.get_model("assessments", "Attempt").objects.filter(state="graded").update(state="submitted")


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_marking")]

    operations = [migrations.RunPython(to_graded, to_submitted)]
