"""Scans of papers that people send in."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

MOST_BYTES = 20 * 1024 * 1024
# PDF, PNG, JPEG; a file is what it begins with, not what it is called.
BEGINNINGS = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
ACCEPTED = ".pdf,.png,.jpg,.jpeg"


class ScanField(forms.FileField):
    """A scanned paper: PDF, PNG or JPEG up to 20 MB."""

    def clean(self, data, initial=None) -> UploadedFile | None:
        scan = super().clean(data, initial)
        if not isinstance(scan, UploadedFile):
            return scan
        if scan.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        head = scan.read(8)
        scan.seek(0)
        if not head.startswith(BEGINNINGS):
            raise forms.ValidationError(_("Only PDF, PNG and JPEG files are kept."))
        return scan

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {**super().widget_attrs(widget), "accept": ACCEPTED}
