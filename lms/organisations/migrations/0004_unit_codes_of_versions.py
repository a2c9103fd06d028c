"""Versions learn the code their unit has had all along; units learn what they are searched by."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

from lms.core.vietnamese import fold


def fill(apps, schema_editor):
    Unit = apps.get_model("organisations", "Unit")
    UnitVersion = apps.get_model("organisations", "UnitVersion")
    UnitVersion.objects.filter(code="").update(
        code=Subquery(Unit.objects.filter(pk=OuterRef("unit_id")).values("code")[:1])
    )
    units = list(Unit.objects.all())
    for unit in units:
        unit.search_text = fold(f"{unit.name} {unit.name_en} {unit.code}")[:600]
    Unit.objects.bulk_update(units, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0003_unit_history")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
