"""What each row says. Rows are dictionaries of exactly these columns: what is not named here is not read."""

from rest_framework import serializers

from certificates.models import Certificate, CertificateKind
from courses.models import Enrolment, Run
from lms.organisations.models import UnitKind


class UnitSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    kind = serializers.ChoiceField(UnitKind.choices)
    parent_code = serializers.CharField(source="parent__code", allow_null=True)
    founded_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True, help_text="The first day without it.")


class PersonSerializer(serializers.Serializer):
    staff_code = serializers.CharField(source="person__staff_code")
    last_name = serializers.CharField(source="person__last_name")
    first_name = serializers.CharField(source="person__first_name")
    unit_code = serializers.CharField(source="unit__code")
    position = serializers.CharField()
    valid_from = serializers.DateField()


class ResultSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    staff_code = serializers.CharField(source="learner__staff_code")
    last_name = serializers.CharField(source="learner__last_name")
    first_name = serializers.CharField(source="learner__first_name")
    unit_code = serializers.CharField(source="unit__code")
    run_code = serializers.CharField(source="run__code")
    course_code = serializers.CharField(source="run__course__code")
    state = serializers.ChoiceField(Enrolment.State.choices)
    due_on = serializers.DateField()
    enrolled_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ChangesSerializer(serializers.Serializer):
    next_since = serializers.IntegerField(help_text="Ask with this as `since` next time.")
    more = serializers.BooleanField(help_text="Whether there is more to fetch at once.")
    results = ResultSerializer(many=True)


class RunSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    course_code = serializers.CharField(source="course__code")
    course_title = serializers.CharField(source="course__title")
    state = serializers.ChoiceField(Run.State.choices)
    opens_on = serializers.DateField()
    closes_on = serializers.DateField()
    due_on = serializers.DateField()
    decision_number = serializers.CharField()
    decision_date = serializers.DateField(allow_null=True)


class CertificateSerializer(serializers.Serializer):
    number = serializers.CharField(source="number_text")
    kind = serializers.ChoiceField(CertificateKind.choices)
    state = serializers.ChoiceField(Certificate.State.choices)
    issued_on = serializers.DateField()
    staff_code = serializers.CharField(source="enrolment__learner__staff_code")
    last_name = serializers.CharField(source="enrolment__learner__last_name")
    first_name = serializers.CharField(source="enrolment__learner__first_name")
    unit_code = serializers.CharField(source="enrolment__unit__code")
    run_code = serializers.CharField(source="run__code")
    course_code = serializers.CharField(source="run__course__code")
    sha256 = serializers.CharField(help_text="Of the stored PDF; empty until it is drawn.")


class CompletionRowSerializer(serializers.Serializer):
    unit_code = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    depth = serializers.IntegerField()
    staff = serializers.IntegerField()
    participations = serializers.IntegerField()
    persons = serializers.IntegerField()
    completed = serializers.IntegerField()
    in_progress = serializers.IntegerField()
    not_started = serializers.IntegerField()
    overdue = serializers.IntegerField()
    failed = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    certificates = serializers.IntegerField()
    denominator = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)


class CompletionSerializer(serializers.Serializer):
    as_at = serializers.DateField()
    total = CompletionRowSerializer(allow_null=True)
    rows = CompletionRowSerializer(many=True, help_text="In tree order, each with its subtree.")


class CellSerializer(serializers.Serializer):
    done = serializers.IntegerField()
    on_track = serializers.IntegerField()
    due_soon = serializers.IntegerField()
    overdue = serializers.IntegerField()
    exempt = serializers.IntegerField()
    joined_late = serializers.IntegerField()
    total = serializers.IntegerField(help_text="The sum of the states.")
    denominator = serializers.IntegerField(help_text="The total less the exempt.")
    rate = serializers.FloatField(allow_null=True)


class RequirementSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    course_code = serializers.CharField(source="course.code")
    decision_number = serializers.CharField()
    starts_on = serializers.DateField()


class ObligationRowSerializer(serializers.Serializer):
    unit_code = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    depth = serializers.IntegerField()
    persons = serializers.IntegerField(help_text="Officials with an obligation, each counted once.")
    cells = CellSerializer(many=True, help_text="In the order of the requirements.")
    whole = CellSerializer(help_text="The sum of the cells.")


class ObligationsSerializer(serializers.Serializer):
    as_at = serializers.DateField()
    requirements = RequirementSerializer(many=True)
    total = ObligationRowSerializer(allow_null=True)
    rows = ObligationRowSerializer(many=True, help_text="In tree order, each with its subtree.")


def columns_of(serializer: type[serializers.Serializer]) -> list[str]:
    """The columns a serialiser of plain rows reads."""
    return [field.source or name for name, field in serializer().fields.items()]
