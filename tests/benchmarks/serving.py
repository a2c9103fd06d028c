"""Requests through Django's WSGI handler as a server process makes them, without the network.

Not the test client: it adds its own work to every request and leaves out what a server does between two (looking
whether the database connection still lives).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from lms.users.models import User
from tests.site import collected_static

# Any constant will do: the cookie and the header must be the same.
CSRF_SECRET = "b" * CSRF_SECRET_LENGTH
HEALTH_CHECK = "SELECT 1"


@contextmanager
def as_in_production() -> Iterator[None]:
    """Static files hashed, compressed and served by their own middleware, as ``make run`` has them."""
    static = {"BACKEND": "lms.core.static_files.HashedStaticFiles"}
    with override_settings(
        STATIC_ROOT=collected_static(), STORAGES=settings.STORAGES | {"staticfiles": static}
    ):
        yield


class Browser:
    """Somebody signed in at a project of the given middleware (the platform's, when none is given)."""

    def __init__(self, user: User, *, middleware: list[str] | None = None) -> None:
        with override_settings(MIDDLEWARE=middleware or settings.MIDDLEWARE):
            self.handler = WSGIHandler()
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.environ = RequestFactory().get("/").environ | {
            "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF_SECRET}",
            "HTTP_X_CSRFTOKEN": CSRF_SECRET,
        }

    def get(self, path: str) -> bytes:
        return self._ask({"PATH_INFO": path})

    def post(self, path: str, fields: dict[str, object]) -> bytes:
        body = urlencode(fields).encode()
        return self._ask(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": path,
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
            }
        )

    def _ask(self, about: dict[str, object]) -> bytes:
        """The body of the answer; anything but a 200 is a benchmark that measures something else."""
        answers: list[str] = []
        response = self.handler({**self.environ, **about}, lambda status, headers: answers.append(status))
        try:
            content = b"".join(response)
        finally:
            response.close()
        assert answers == ["200 OK"], f"{about['PATH_INFO']}: {answers} {content[:300]!r}"
        return content

    def queries_of(self, path: str) -> int:
        """How many queries a GET takes, the check of the connection not counted."""
        with CaptureQueriesContext(connection) as captured:
            self.get(path)
        return sum(query["sql"] != HEALTH_CHECK for query in captured)
