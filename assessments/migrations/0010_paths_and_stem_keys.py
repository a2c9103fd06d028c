"""Paths of banks, which stood in none until now, and the keys by which questions with the same words are found."""

import hashlib

from django.db import migrations
from django.db.models import F

from lms.core.vietnamese import fold


def fill(apps, schema_editor):
    apps.get_model("assessments", "QuestionCategory").objects.update(path=F("code"))
    Question = apps.get_model("assessments", "Question")
    for question in Question.objects.only("pk", "stem").iterator():
        key = hashlib.sha256(" ".join(fold(question.stem).split()).encode()).hexdigest()[:32]
        Question.objects.filter(pk=question.pk).update(stem_key=key)


class Migration(migrations.Migration):
    dependencies = [("assessments", "0009_bank_tree")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
