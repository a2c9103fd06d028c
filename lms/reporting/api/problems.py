"""Errors as problem details (RFC 9457). Written for programmers, in English, and not translated."""

from http import HTTPStatus

from django.http import Http404
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound, Throttled, ValidationError
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"


def problem(error: Exception, context: dict) -> Response | None:
    """The answer to an error; None for what is a fault of ours."""
    if isinstance(error, Http404):
        error = NotFound("There is no such record within the reach of this token.")
    if not isinstance(error, APIException):
        return None
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "detail": str(error.detail),
    }
    headers = {}
    if isinstance(error, ValidationError):
        body["detail"] = "Parameters are wrong: " + ", ".join(sorted(error.detail)) + "."
        body["parameters"] = error.detail
    elif isinstance(error, MethodNotAllowed):
        body["detail"] = "Only GET and HEAD are answered."
        headers["Allow"] = "GET, HEAD"
    elif isinstance(error, Throttled):
        body["detail"] = "Too many requests with this token. Ask again after the time in Retry-After."
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Response(body, status=error.status_code, headers=headers, content_type=CONTENT_TYPE)
