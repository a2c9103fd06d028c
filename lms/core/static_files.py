"""Static files under hashed names, compressed once."""

import brotli
from django.conf import settings
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class QuickCompressor(Compressor):
    """The highest quality takes forty times as long to save a twelfth: half a minute of a first start."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, mode=brotli.MODE_TEXT, quality=8)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Compresses what pages ask for: the hashed names."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._known_urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """Every page asks for the same two dozen files, and the manifest does not change while a process lives."""
        if force or settings.DEBUG:
            return super().url(name, force)
        if name not in self._known_urls:
            self._known_urls[name] = super().url(name)
        return self._known_urls[name]

    def create_compressor(self, **options: object) -> Compressor:
        return QuickCompressor(**options)

    def compress_files(self, paths: set[str]):
        return super().compress_files(paths & set(self.hashed_files.values()))
