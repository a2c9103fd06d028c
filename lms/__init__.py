"""The platform: composition root and the supporting apps."""

from .celery import app as celery_app

__all__ = ["celery_app"]
