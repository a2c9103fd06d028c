"""What every test shares: databases copied from a template, and marks that say what a test needs."""

import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.database import own_databases

pytest_plugins = ["tests.site", "tests.browser"]

# How long an example takes depends on the machine's other work; time is measured in benchmarks.
hypothesis_settings.register_profile(
    "at leisure", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("at leisure")

BROWSER_FIXTURES = {"page", "new_page", "browser"}


def pytest_configure(config: pytest.Config) -> None:
    give_each_process_its_own_redis(getattr(config, "workerinput", {}).get("workerid", "gw0"))


def give_each_process_its_own_redis(worker: str) -> None:
    """Redis numbers its databases: process n uses the n-th after the one in the address, so a clear() stays at home."""
    location = str(settings.CACHES["default"].get("LOCATION", ""))
    if location.startswith("redis"):
        address, number = location.rsplit("/", 1)
        settings.CACHES["default"]["LOCATION"] = f"{address}/{int(number) + int(worker.removeprefix('gw'))}"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are no name: an archive or workbook holds the moment it was made, and two processes would collect different tests."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            # one process drives the browser and its site; two cores would not bear more
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    if item.get_closest_marker("redis") and not settings.CELERY_BROKER_URL.startswith("redis"):
        pytest.skip("needs Redis: set CELERY_BROKER_URL")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: object
) -> Iterator[None]:
    with django_db_blocker.unblock():
        databases = own_databases()
        template = databases.migrated_template()
        databases.copy(template, databases.name)
    connection.close()
    connection.settings_dict["NAME"] = databases.name

    def start_anew(case: TransactionTestCase) -> None:
        connection.close()
        databases.copy(template, databases.name)

    flush, TransactionTestCase._fixture_teardown = TransactionTestCase._fixture_teardown, start_anew
    yield
    TransactionTestCase._fixture_teardown = flush
    with django_db_blocker.unblock():
        connection.close()
        databases.drop(databases.name)


@pytest.fixture(autouse=True)
def first_language() -> Iterator[None]:
    """A request in English leaves its language behind in the thread; the next test begins in Vietnamese again."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def empty_private_files() -> Iterator[None]:
    """The database goes back after each test; the certificates it spoke of go with it."""
    yield
    shutil.rmtree(settings.PRIVATE_MEDIA_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()
