"""Opening a package that somebody sent: nothing is written anywhere, and what is not sound is refused as a whole.

Refused from the central directory before a byte is unpacked: names that leave the package, links, locked or doubled entries, too
many of them, too much or too tightly packed; while unpacking: an entry longer than it said.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .found import FileFault

MOST_ENTRIES = 5_000
MOST_UNPACKED = 50 * 1024 * 1024  # bytes, of all entries together
MOST_OF_ONE = 5 * 1024 * 1024  # bytes of a file that is read as questions
# A text packs to a tenth or twentieth; a bomb to a thousandth.
TIGHTEST = 200
SMALL = 100 * 1024  # bytes that do no harm however tightly they are packed


class Package:
    """The entries of a sound archive by their names. Raises FileFault."""

    def __init__(self, content: bytes):
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile as fault:
            raise FileFault(gettext_lazy("The archive is damaged.")) from fault
        entries = self._archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise FileFault(_("The archive holds more than %(most)d files.") % {"most": MOST_ENTRIES})
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            self._admit(entry)
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise FileFault(
                _("The archive unpacks to more than %(most)d MB.") % {"most": MOST_UNPACKED // 1024 // 1024}
            )

    def _admit(self, entry: zipfile.ZipInfo) -> None:
        # The name as it stands in the archive: zipfile cuts it at a NUL and turns backslashes on some systems.
        name = entry.orig_filename
        path = PurePosixPath(name)
        if "\\" in name or "\0" in name or ":" in name or path.is_absolute() or ".." in path.parts:
            raise FileFault(
                _("The archive holds a name that leads out of it: %(name)s.") % {"name": name[:120]}
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise FileFault(_("The archive holds a link: %(name)s.") % {"name": name[:120]})
        if entry.flag_bits & 1:
            raise FileFault(gettext_lazy("The archive is locked with a password."))
        if entry.file_size > SMALL and entry.file_size > TIGHTEST * max(entry.compress_size, 1):
            raise FileFault(
                _("%(name)s is packed as tightly as no text is; it is not unpacked.") % {"name": name[:120]}
            )
        if entry.is_dir():
            return
        if name.casefold() in self._entries:
            raise FileFault(_("The archive holds %(name)s twice.") % {"name": name[:120]})
        self._entries[name.casefold()] = entry

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._entries

    def names(self) -> Iterator[str]:
        for entry in self._entries.values():
            yield entry.filename

    def read(self, name: str) -> bytes:
        """The bytes of one entry, of MOST_OF_ONE at most."""
        entry = self._entries.get(name.casefold())
        if entry is None:
            raise FileFault(_("The archive does not hold %(name)s.") % {"name": name[:120]})
        try:
            with self._archive.open(entry) as source:
                content = source.read(MOST_OF_ONE + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as fault:
            raise FileFault(_("%(name)s in the archive is damaged.") % {"name": name[:120]}) from fault
        if len(content) > min(MOST_OF_ONE, entry.file_size):
            raise FileFault(_("%(name)s in the archive is too large.") % {"name": name[:120]})
        return content
