from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0006_submitted_becomes_graded")]

    operations = [
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('passed__isnull', False), ('score__isnull', False), ('state', 'graded')), models.Q(models.Q(('state', 'graded'), _negated=True), ('passed__isnull', True), ('score__isnull', True)), _connector='OR'), name='graded_attempt_alone_has_a_score'),
        ),
    ]
