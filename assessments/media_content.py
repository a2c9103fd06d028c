"""The bytes of a picture or sound, checked and brought to the form in which they are kept."""

import hashlib
import io
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from lms.core.errors import DomainError

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600  # pixels: sharp on a screen, light on a slow line
JPEG_QUALITY = 85
_ENDINGS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "png"}
CONTENT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
}
ACCEPTED = ".png,.jpg,.jpeg,.webp,.gif,.mp3,.m4a,.ogg"


class MediaUnfit(DomainError):
    message = _("Send a picture (PNG, JPEG, WebP, GIF) or a sound (MP3, M4A, OGG).")


class MediaTooLarge(MediaUnfit):
    message = _("The file is larger than 5 MB, or has more than 40 million pixels.")


@dataclass(frozen=True)
class Prepared:
    """``width`` and ``height`` in pixels, 0 of a sound."""

    content: bytes
    ending: str
    width: int = 0
    height: int = 0

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def source(self) -> str:
        """As the words of a version name it (``media_words``)."""
        return f"picture:{self.sha256}:{self.width}x{self.height}" if self.width else f"audio:{self.sha256}"


def prepare(content: bytes) -> Prepared:
    """A picture is written anew, upright, not larger than needed, without what its camera noted; a sound stays as it is.

    Raises MediaUnfit, MediaTooLarge.
    """
    if len(content) > MOST_BYTES:
        raise MediaTooLarge
    if ending := _sound(content):
        return Prepared(content, ending)
    try:
        with Image.open(io.BytesIO(content), formats=list(_ENDINGS)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise MediaTooLarge
            return _written(ImageOps.exif_transpose(image), _ENDINGS[image.format])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise MediaUnfit from fault


def _sound(content: bytes) -> str:
    if content.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "mp3"
    if content[4:8] == b"ftyp" and content[8:12] in (b"M4A ", b"mp42", b"isom"):
        return "m4a"
    return "ogg" if content.startswith(b"OggS") else ""


def _written(image: Image.Image, ending: str) -> Prepared:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if ending == "jpg":
        image = image.convert("RGB")
    elif image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA")
    target = io.BytesIO()
    if ending == "jpg":
        image.save(target, "JPEG", quality=JPEG_QUALITY, optimize=True)
    elif ending == "webp":
        image.save(target, "WEBP", quality=JPEG_QUALITY)
    else:
        image.save(target, "PNG", optimize=True)
    return Prepared(target.getvalue(), ending, *image.size)
