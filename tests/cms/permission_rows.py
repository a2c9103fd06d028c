"""Addresses of the public site: open to everyone."""

from tests.permissions.table import Row, everyone


def a_picture(world) -> dict[str, str]:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    if not default_storage.exists("original_images/rights.svg"):
        default_storage.save(
            "original_images/rights.svg", ContentFile(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        )
    return {"name": "original_images/rights.svg"}


ROWS = [
    Row("cms:search", everyone(200), query="?q=cai+cach"),
    Row("robots", everyone(200)),
    Row("sitemap", everyone(200)),
    Row("public_media", everyone(200), kwargs=a_picture, note="a picture of a page"),
]
