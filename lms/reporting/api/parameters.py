"""What may be asked for. Whatever is unknown or malformed is refused by its name."""

from rest_framework import serializers

PAGE_SIZE, LARGEST_PAGE = 100, 500
LARGEST_NUMBER = 2**63 - 1


class Parameters(serializers.Serializer):
    def to_internal_value(self, data):
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["There is no such parameter."] for name in unknown})
        return super().to_internal_value(data)


class PageParameters(Parameters):
    cursor = serializers.CharField(
        required=False, max_length=200, help_text="From `next` or `previous` of another page."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_PAGE, help_text=f"{PAGE_SIZE} unless said."
    )


class ChangeParameters(Parameters):
    since = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_NUMBER,
        default=0,
        help_text="`next_since` of the last answer; 0 begins at the beginning.",
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_PAGE, default=PAGE_SIZE
    )


class FigureParameters(Parameters):
    as_at = serializers.DateField(
        required=False, help_text="As at the end of this day in Viet Nam; today unless said."
    )
    structure = serializers.DateField(
        required=False, help_text="Regroup under the units as they stood on this day."
    )
    unit = serializers.CharField(
        required=False, max_length=32, help_text="Code of the unit at the top of the answer."
    )


class CompletionParameters(FigureParameters):
    run = serializers.CharField(required=False, max_length=32, help_text="Code of one class.")
    course = serializers.CharField(required=False, max_length=32, help_text="Code of one course.")


class ObligationParameters(FigureParameters):
    requirement = serializers.CharField(
        required=False,
        max_length=32,
        help_text="Code of one requirement; all in force on the day unless said.",
    )
