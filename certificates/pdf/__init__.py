"""The papers of this room: the certificate, made from the frozen fields alone, and the register book.

A template version is never changed once certificates have been issued on it: a new look is a new version beside it,
so that a file lost or not yet made comes out as it was meant on the day of issue.
"""

from .register_book import render_register_book
from .rendering import CURRENT_VERSION, render_certificate

__all__ = ["CURRENT_VERSION", "render_certificate", "render_register_book"]
