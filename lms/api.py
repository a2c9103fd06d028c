"""The API of the platform: its endpoints, their schema as a file and as a page."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from lms.reporting.api.urls import urlpatterns as endpoints

PREFIX = "api/v1/"


@cache
def api_schema() -> dict[str, Any]:
    """OpenAPI 3 of every endpoint; it holds no data, so anybody may read it."""
    return SchemaGenerator(patterns=[path(PREFIX, include(endpoints))]).get_schema(request=None, public=True)


@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(api_schema(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    document = api_schema()
    described = [
        {
            "address": address,
            "name": operations["get"]["operationId"],
            "title": operations["get"]["summary"],
            "text": operations["get"]["description"],
            "tables": [
                (_("Parameters"), parameters_of(operations["get"])),
                (pgettext("API", "Answer"), fields_of(document, operations["get"])),
            ],
        }
        for address, operations in document["paths"].items()
    ]
    return render(request, "reporting/api.html", {"operations": described})


def parameters_of(operation: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "name": parameter["name"],
            "kind": kind_of(parameter["schema"], {}),
            "meaning": parameter.get("description", ""),
        }
        for parameter in operation["parameters"]
    ]


def fields_of(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, str]]:
    """The fields of one row of the answer, or of the answer where it is no list: name, kind and meaning."""
    schemas = document["components"]["schemas"]
    name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    if name.startswith("Paginated"):
        name = schemas[name]["properties"]["results"]["items"]["$ref"].rpartition("/")[2]
    return [
        {"name": field, "kind": kind_of(about, schemas), "meaning": about.get("description", "")}
        for field, about in schemas[name]["properties"].items()
    ]


def kind_of(about: dict[str, Any], schemas: dict[str, Any]) -> str:
    """A kind in a word; of what has a fixed set of values, the values."""
    for reference in [about, *about.get("allOf", []), *about.get("oneOf", [])]:
        if "$ref" in reference:
            named = schemas[reference["$ref"].rpartition("/")[2]]
            return ", ".join(named["enum"]) if "enum" in named else "object"
    return about.get("format") or about.get("type", "")


app_name = "api"
urlpatterns = [
    path("", documentation, name="documentation"),
    path("openapi.json", schema, name="schema"),
    *endpoints,
]
