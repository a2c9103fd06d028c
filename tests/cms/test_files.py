"""Uploaded files can do no harm to who opens them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from wagtail.documents.models import Document

from tests.factories.cms import make_drawing

pytestmark = pytest.mark.django_db
HOSTILE = b"<html><script>alert(document.cookie)</script></html>"


def uploaded(name: str, content: bytes = HOSTILE) -> Document:
    return Document.objects.create(title="Tệp", file=ContentFile(content, name=name))


@pytest.mark.parametrize("name", ["trang.html", "hinh.svg", "goi.xml", "ma.js"])
def test_a_document_is_offered_as_a_download_under_a_policy_that_runs_nothing(client, name):
    response = client.get(uploaded(name).url)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'"


def test_a_document_with_html_inside_a_pdf_name_is_not_sniffed(client):
    response = client.get(uploaded("gia-mao.pdf").url)
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_document_is_not_found_under_another_name(client):
    url = uploaded("mau.docx").url
    assert client.get(url.replace("mau", "khac")).status_code == 404


def test_a_drawing_with_a_script_is_shown_where_no_script_runs(client):
    drawing = make_drawing()
    response = client.get(drawing.file.url)
    assert response["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_only_pictures_are_public_media(client):
    name = default_storage.save("documents/bi-mat.pdf", ContentFile(b"%PDF"))
    assert client.get(f"/media/{name}").status_code == 404
    assert client.get("/media/original_images/../documents/bi-mat.pdf").status_code == 404
