"""The numbered checks of an installation."""

import subprocess

import pytest

from lms.core.checks import base_url_is_public
from lms.runtime.check import PRODUCTION
from lms.runtime.places import PYTHON, ROOT, child_environment


@pytest.fixture(autouse=True)
def installation(settings):
    settings.ALLOWED_HOSTS = [".boiduong.example", "10.1.2.3"]
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize(
    "url", ["https://boiduong.example", "https://hoc.boiduong.example:8443", "https://10.1.2.3"]
)
def test_an_address_that_leads_here_for_everybody_is_fine(settings, url):
    settings.WAGTAILADMIN_BASE_URL = url
    assert base_url_is_public() == []


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("http://localhost:8000", "core.E001"),
        ("https://LOCALHOST", "core.E001"),
        ("https://127.0.0.1", "core.E001"),
        ("https://127.8.9.1:443", "core.E001"),
        ("https://[::1]:8000", "core.E001"),
        ("https://0.0.0.0", "core.E001"),
        ("", "core.E001"),
        ("boiduong.example", "core.E001"),
        ("https://boiduong.example/hoc", "core.E001"),
        ("https://other.example", "core.E002"),
        ("http://boiduong.example", "core.E003"),
    ],
)
def test_an_address_that_does_not_is_an_error_that_says_what_to_set(settings, url, number):
    settings.WAGTAILADMIN_BASE_URL = url
    [fault] = base_url_is_public()
    assert fault.id == number
    assert "BASE_URL" in fault.msg + fault.hint


def test_a_production_without_its_address_does_not_pass(tmp_path):
    environment = child_environment(**PRODUCTION, VAR_DIR=str(tmp_path))
    del environment["BASE_URL"]
    done = subprocess.run(
        [str(PYTHON), "manage.py", "check", "--deploy"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "core.E001" in done.stderr
    assert "BASE_URL=https://" in done.stderr
