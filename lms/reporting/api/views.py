"""The endpoints. Each narrows its rows by the token's access before anything is asked of them."""

import hashlib
from typing import Any

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates.models import Certificate
from courses.models import CoursePage, Enrolment, Requirement, Run
from lms.core.models import AuditSeal
from lms.organisations.access import Access
from lms.organisations.models import Posting, Unit

from ..matrix import Question, obligation_matrix
from ..models import TokenScope
from ..permissions import unit_in_reach
from ..queries import Scope, completion_by_unit, structure_of
from .parameters import (
    LARGEST_PAGE,
    PAGE_SIZE,
    ChangeParameters,
    CompletionParameters,
    ObligationParameters,
    PageParameters,
)
from .problems import problem
from .serializers import (
    CertificateSerializer,
    ChangesSerializer,
    CompletionSerializer,
    ObligationsSerializer,
    PersonSerializer,
    ResultSerializer,
    RunSerializer,
    UnitSerializer,
    columns_of,
)
from .tokens import MayRead, PerToken, TokenAuthentication


class ReadOnly(APIView):
    """GET with a token, JSON back, 304 when nothing has changed."""

    http_method_names = ["get", "head"]
    authentication_classes = [TokenAuthentication]
    permission_classes = [MayRead]
    throttle_classes = [PerToken]
    renderer_classes = [JSONRenderer]
    scope: TokenScope
    parameters: type[serializers.Serializer]

    def get_exception_handler(self):
        return problem

    def perform_content_negotiation(self, request, force=False):
        """JSON whatever was asked for."""
        return JSONRenderer(), JSONRenderer.media_type

    @property
    def access(self) -> Access:
        return self.request.auth.access

    def asked(self) -> dict[str, Any]:
        parameters = self.parameters(data=self.request.query_params.dict())
        parameters.is_valid(raise_exception=True)
        return parameters.validated_data

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-cache"
        response["Vary"] = "Authorization"
        if response.status_code == 200:
            response.add_post_render_callback(self.unless_known)
        return response

    def unless_known(self, response):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()}"'
        return get_conditional_response(self.request._request, etag=response["ETag"], response=response)


class Pages(CursorPagination):
    """Rows in the order of their ids, so that a page stays what it is while rows are added."""

    ordering = "pk"
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def decode_cursor(self, request):
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                int(cursor.position)
        except (NotFound, ValueError) as error:
            raise ValidationError({"cursor": ["This is no cursor of ours."]}) from error
        return cursor


class RowList(ReadOnly, generics.ListAPIView):
    pagination_class = Pages
    parameters = PageParameters

    def rows(self) -> QuerySet:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet:
        self.asked()
        return self.rows().order_by("pk").values(*{"pk", *columns_of(self.serializer_class)})


@extend_schema_view(get=extend_schema(operation_id="units", summary="Units", parameters=[PageParameters]))
class UnitList(RowList):
    """Units within reach, with the code of the unit above and the days between which they stand."""

    scope = TokenScope.UNITS
    serializer_class = UnitSerializer

    def rows(self):
        return Unit.objects.filter(self.access.units_q()).annotate(founded_on=Min("versions__valid_from"))


@extend_schema_view(get=extend_schema(operation_id="people", summary="People", parameters=[PageParameters]))
class PersonList(RowList):
    """The main postings of today: who sits where."""

    scope = TokenScope.PEOPLE
    serializer_class = PersonSerializer

    def rows(self):
        return Posting.objects.on(timezone.localdate()).main().filter(self.access.units_q("unit"))


def results_in_reach(access: Access) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(access.units_q("unit"))


@extend_schema_view(
    get=extend_schema(operation_id="results", summary="Training results", parameters=[PageParameters])
)
class ResultList(RowList):
    """Participations of people in classes, each with its state and times."""

    scope = TokenScope.RESULTS
    serializer_class = ResultSerializer

    def rows(self):
        return results_in_reach(self.access)


class ResultChanges(ReadOnly):
    scope = TokenScope.RESULTS
    parameters = ChangeParameters

    @extend_schema(
        operation_id="result_changes",
        summary="Training results changed since",
        parameters=[ChangeParameters],
        responses=ChangesSerializer,
    )
    def get(self, request):
        """Each participation with a change after `since`, once, as it stands now.

        The order is that of the seals of the audit trail, given when a change has been committed: a change that takes
        long is never jumped over. A change is seen here some seconds after it was made.
        """
        asked = self.asked()
        since, size = asked["since"], asked["page_size"]
        seals = list(
            AuditSeal.objects.filter(sequence__gt=since, event__object_type=Enrolment._meta.label_lower)
            .order_by("sequence")
            .values_list("sequence", "event__object_id")[: size + 1]
        )
        more, seals = len(seals) > size, seals[:size]
        touched = {int(object_id) for _sequence, object_id in seals}
        rows = (
            results_in_reach(self.access)
            .filter(pk__in=touched)
            .order_by("pk")
            .values(*columns_of(ResultSerializer))
        )
        answer = {"next_since": seals[-1][0] if seals else since, "more": more, "results": rows}
        return Response(ChangesSerializer(answer).data)


@extend_schema_view(get=extend_schema(operation_id="runs", summary="Classes", parameters=[PageParameters]))
class RunList(RowList):
    """Classes; with a token of one unit those its people take part in."""

    scope = TokenScope.RUNS
    serializer_class = RunSerializer

    def rows(self):
        runs = Run.objects.exclude(state=Run.State.DRAFT)
        if self.access.sees_all_units:
            return runs
        return runs.filter(Exists(results_in_reach(self.access).filter(run=OuterRef("pk"))))


@extend_schema_view(
    get=extend_schema(operation_id="certificates", summary="Certificates", parameters=[PageParameters])
)
class CertificateList(RowList):
    """Certificates of the register with their holders."""

    scope = TokenScope.CERTIFICATES
    serializer_class = CertificateSerializer

    def rows(self):
        return Certificate.objects.filter(self.access.units_q("enrolment__unit"))


class Completion(ReadOnly):
    scope = TokenScope.COMPLETION
    parameters = CompletionParameters

    @extend_schema(
        operation_id="completion",
        summary="Completion by unit",
        parameters=[CompletionParameters],
        responses=CompletionSerializer,
    )
    def get(self, request):
        """The figures of the report *Completion by unit*, from the same definition."""
        asked = self.asked()
        day = asked.get("as_at") or timezone.localdate()
        root = unit_in_reach(self.access, asked.get("unit", ""))
        runs = Run.objects.exclude(state=Run.State.DRAFT)
        courses = CoursePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
        report = completion_by_unit(
            scope=Scope(
                run_id=self.id_of(runs, asked, "run"), course_id=self.id_of(courses, asked, "course")
            ),
            as_at=day,
            access=self.access,
            root=root,
            structure_day=asked.get("structure") or structure_of(day),
        )
        return Response(CompletionSerializer(report).data)

    @staticmethod
    def id_of(rows: QuerySet, asked: dict[str, Any], name: str) -> int | None:
        if name not in asked:
            return None
        found = rows.filter(code=asked[name]).values_list("pk", flat=True).first()
        if found is None:
            raise ValidationError({name: ["Nothing has this code."]})
        return found


class Obligations(ReadOnly):
    scope = TokenScope.OBLIGATIONS
    parameters = ObligationParameters

    @extend_schema(
        operation_id="obligations",
        summary="Obligations by unit and requirement",
        parameters=[ObligationParameters],
        responses=ObligationsSerializer,
    )
    def get(self, request):
        """The figures of the report *Obligations by unit*, from the same definition."""
        asked = self.asked()
        day = asked.get("as_at") or timezone.localdate()
        if "requirement" in asked and not Requirement.objects.filter(code=asked["requirement"]).exists():
            raise ValidationError({"requirement": ["Nothing has this code."]})
        matrix = obligation_matrix(
            question=Question(
                as_at=day,
                codes=(asked["requirement"],) if "requirement" in asked else (),
                structure_day=asked.get("structure") or structure_of(day),
            ),
            access=self.access,
            root=unit_in_reach(self.access, asked.get("unit", "")),
        )
        return Response(ObligationsSerializer(matrix).data)
