"""Is every English message translated into Vietnamese?

Collects the messages anew from a copy of the sources and fails for each one that is missing, unsure (fuzzy) or
whose placeholders differ. Fails too for a message that two rooms translate differently: Django merges their catalogues
into one, and the room that is merged last would win for both without a word.

Run by the venv's Python, with gettext's programs on the PATH.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = "vi"
ROOMS = ["lms", "cms", "courses", "assessments", "certificates"]
SHOWN = 25


def main() -> int:
    missing = [
        program for program in ("xgettext", "msgmerge", "msgfmt", "msguniq") if not shutil.which(program)
    ]
    if missing:
        print(
            f"✗ Thiếu gettext ({', '.join(missing)}). Hãy cài: apt-get install gettext\n"
            "  gettext is missing. Install it: apt-get install gettext"
        )
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "project"
        copy_sources(copy)
        collected = collect_messages(copy, Path(scratch) / "var")
        if collected.returncode:
            lines = collected.stdout.replace(f"{copy}/", "").splitlines()
            print("\n".join(lines[:SHOWN]))
            if any("duplicate message" in line for line in lines):
                print(
                    "  a message stands twice in a catalogue: msguniq --use-first --no-wrap -o FILE.po FILE.po"
                )
            return 1
        found = sorted(copy.rglob(f"locale/{LANGUAGE}/LC_MESSAGES/*.po"))
        if not found:
            print(f"✗ no {LANGUAGE} catalogue was found")
            return 1
        faults = sum(faults_of(po, copy) for po in found)
    # In the sources, so that the lines named are those an editor shows.
    own = [po for room in ROOMS for po in (ROOT / room).rglob(f"locale/{LANGUAGE}/LC_MESSAGES/*.po")]
    faults += contradictions(own, ROOT)
    return 1 if faults else 0


def copy_sources(copy: Path) -> None:
    copy.mkdir()
    shutil.copy(ROOT / "manage.py", copy)
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "node_modules")
        )


def collect_messages(copy: Path, var: Path) -> subprocess.CompletedProcess[str]:
    """``makemessages`` gives each file's messages to the nearest ``locale`` folder above it."""
    env = os.environ | {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "lms.settings.test", "PYTHONPATH": ""}
    command = [sys.executable, "manage.py", "makemessages", "-l", LANGUAGE, "--no-obsolete", "-v", "0"]
    done = subprocess.run(
        command, cwd=copy, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode == 0 and any(copy.rglob(f"locale/{LANGUAGE}/LC_MESSAGES/djangojs.po")):
        done = subprocess.run(
            [*command, "-d", "djangojs"],
            cwd=copy,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return done


def faults_of(catalogue: Path, copy: Path) -> int:
    entries = [entry for entry in polib.pofile(str(catalogue)) if not entry.obsolete]
    faults = [(entry, "unsure (fuzzy)") for entry in entries if entry.fuzzy]
    faults += [(entry, "not translated") for entry in entries if not entry.fuzzy and not entry.translated()]
    name = catalogue.relative_to(copy)
    formats = subprocess.run(
        ["msgfmt", "--check-format", "--output-file=/dev/null", str(catalogue)],
        capture_output=True,
        text=True,
    )
    if formats.returncode:
        print(formats.stderr.replace(str(copy) + "/", ""))
    if faults:
        print(f"✗ {name}: {len(faults)} of {len(entries)} messages")
    for entry, fault in faults[:SHOWN]:
        place = ":".join(entry.occurrences[0]) if entry.occurrences else ""
        print(f"  {fault}: {entry.msgid[:90]!r} {place}")
    if len(faults) > SHOWN:
        print(f"  … and {len(faults) - SHOWN} more")
    return len(faults) + bool(formats.returncode)


def contradictions(catalogues: Iterable[Path], root: Path) -> int:
    """How many messages are translated in two ways; says for each which words stand in which file and line."""
    found: dict[tuple, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for catalogue in sorted(catalogues):
        for entry in polib.pofile(str(catalogue)):
            if entry.obsolete or not entry.translated():
                continue
            # Django keeps one catalogue per domain, and in it the plural of a message apart from the message alone.
            message = (catalogue.name, entry.msgctxt or "", entry.msgid, bool(entry.msgid_plural))
            words = " | ".join(entry.msgstr_plural[n] for n in sorted(entry.msgstr_plural)) or entry.msgstr
            found[message][words].append(f"{catalogue.relative_to(root)}:{entry.linenum}")
    differing = {message: words for message, words in found.items() if len(words) > 1}
    if differing:
        print(
            f"✗ {len(differing)} messages with two translations; give them one wording, or contexts of their own"
        )
    for (_domain, context, msgid, _plural), words in differing.items():
        print(f"  {msgid[:90]!r}{f' (context {context!r})' if context else ''}")
        for translation, places in words.items():
            print(f"    {translation[:90]!r} {', '.join(places)}")
    return len(differing)


if __name__ == "__main__":
    sys.exit(main())
