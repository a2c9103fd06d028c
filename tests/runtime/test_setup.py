"""Setting up: what has not changed is not made again, and what goes wrong is said in one sentence."""

import gettext
import re
import shutil
import subprocess
import sys

import pytest

from lms.runtime import cli, setup
from lms.runtime.commands import explain, run
from lms.runtime.console import Failure
from lms.runtime.places import ROOT
from lms.runtime.stamps import Stamp, fingerprint


def test_a_stamp_holds_until_one_of_its_files_changes(tmp_path):
    source, stamp = tmp_path / "lock", Stamp(tmp_path / "stamps" / "lock")
    source.write_text("one")
    assert not stamp.says(fingerprint(files=[source]))
    stamp.write(fingerprint(files=[source]))
    assert stamp.says(fingerprint(files=[source]))
    source.write_text("two")
    assert not stamp.says(fingerprint(files=[source]))


def test_a_fingerprint_tells_parts_apart():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


WHAT = ("Các gói", "Packages")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("NewConnectionError: Temporary failure in name resolution", "Check the network"),
        ("npm error code ENOTFOUND", "Check the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "refused"),
        ("npm error code EINTEGRITY", "refused"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("sqlite3.OperationalError: database is locked", "another process holds the database"),
        ("Traceback …\nValueError: something new\n", "Packages failed: ValueError: something new"),
    ],
)
def test_a_failure_is_one_sentence_in_both_languages(tmp_path, output, sentence):
    log = tmp_path / "setup.log"
    log.write_text("earlier: no space left on device\n" + output)
    failure = explain(log, len("earlier: no space left on device\n"), WHAT)
    assert sentence in failure.en
    assert failure.vi.startswith("Các gói")
    assert failure.log == log


def test_an_unreachable_database_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://localhost/x")
    log = tmp_path / "setup.log"
    log.write_text('connection to server at "localhost" failed: Connection refused')
    assert "DATABASE_URL" in explain(log, 0, WHAT).en


def test_the_whole_output_of_a_failed_step_is_in_the_log(tmp_path):
    log = tmp_path / "setup.log"
    with pytest.raises(Failure):
        run([sys.executable, "-c", "print('first'); print('last'); raise SystemExit(3)"], what=WHAT, log=log)
    assert "first\nlast" in log.read_text()


def test_a_step_that_hangs_is_ended(tmp_path):
    with pytest.raises(Failure):
        run(
            [sys.executable, "-c", "import time; time.sleep(60)"],
            what=WHAT,
            log=tmp_path / "log",
            timeout=0.5,
        )


def test_the_database_itself_says_whether_it_was_migrated(tmp_path, monkeypatch):
    import sqlite3

    database = tmp_path / "db.sqlite3"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database}")
    assert setup.applied_migrations() == ""
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, applied TEXT)")
        connection.execute("INSERT INTO django_migrations (applied) VALUES ('2026-01-01'), ('2026-01-02')")
    assert setup.applied_migrations() == "2 2"
    assert setup.first_migration() == "2026-01-01"


def test_translations_are_compiled_without_gettext(tmp_path):
    folder = tmp_path / "locale" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = folder / "django.po"
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'
        'msgid "Lesson"\nmsgstr "Bài học"\n\n#, fuzzy\nmsgid "Quiz"\nmsgstr "Bài học"\n\n'
        'msgid "%(n)s course"\nmsgid_plural "%(n)s courses"\nmsgstr[0] "%(n)s khoá học"\n',
        encoding="utf-8",
    )
    subprocess.run(
        [sys.executable, "-P", ROOT / "lms" / "runtime" / "translations.py", catalogue], check=True
    )
    with (folder / "django.mo").open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    assert translations.gettext("Lesson") == "Bài học"
    assert translations.gettext("Quiz") == "Quiz"
    assert translations.ngettext("%(n)s course", "%(n)s courses", 2) == "%(n)s khoá học"


@pytest.mark.skipif(not shutil.which("msgfmt"), reason="gettext is not installed")
def test_an_incomplete_catalogue_is_found(tmp_path, capsys):
    from lms.runtime.check_translations import faults_of

    catalogue = tmp_path / "django.po"
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Done"\nmsgstr "Xong"\n\n'
        'msgid "Missing"\nmsgstr ""\n\n#, fuzzy\nmsgid "Unsure"\nmsgstr "Chưa chắc"\n\n'
        '#, python-format\nmsgid "%(n)s late"\nmsgstr "%(m)s trễ"\n',
        encoding="utf-8",
    )
    assert faults_of(catalogue, tmp_path) == 3
    said = capsys.readouterr().out
    assert "not translated: 'Missing'" in said
    assert "unsure (fuzzy): 'Unsure'" in said


def catalogue_of(room, *entries):
    folder = room / "locale" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    file = folder / "django.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n'
    file.write_text("\n".join([head, *entries]), encoding="utf-8")
    return file


def test_a_message_two_rooms_translate_differently_is_named_with_its_files_and_lines(tmp_path, capsys):
    from lms.runtime.check_translations import contradictions

    one = catalogue_of(
        tmp_path / "one",
        'msgid "failed"\nmsgstr "không đạt"\n',
        'msgid "Search"\nmsgstr "Tìm kiếm"\n',
        'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s ngày"\n',
    )
    two = catalogue_of(
        tmp_path / "two",
        'msgid "Search"\nmsgstr "Tìm kiếm"\n',
        'msgid "failed"\nmsgstr "thất bại"\n',
        'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s hôm"\n',
    )
    assert contradictions([two, one], tmp_path) == 2
    said = capsys.readouterr().out
    assert "'không đạt' one/locale/vi/LC_MESSAGES/django.po:4" in said
    assert "'thất bại' two/locale/vi/LC_MESSAGES/django.po:7" in said
    assert "'%(n)s ngày' one/" in said
    assert "Tìm kiếm" not in said


def test_a_message_with_a_context_of_its_own_or_not_in_use_contradicts_nothing(tmp_path):
    from lms.runtime.check_translations import contradictions

    one = catalogue_of(tmp_path / "one", 'msgid "failed"\nmsgstr "không đạt"\n', 'msgid "Open"\nmsgstr ""\n')
    two = catalogue_of(
        tmp_path / "two",
        'msgctxt "job"\nmsgid "failed"\nmsgstr "thất bại"\n',
        'msgid "Open"\nmsgstr "Mở"\n',
        '#, fuzzy\nmsgid "failed"\nmsgstr "hỏng"\n',
        '#~ msgid "failed"\n#~ msgstr "trượt"\n',
    )
    assert contradictions([one, two], tmp_path) == 0


def test_make_alone_explains_every_target():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split()) - {"help"}
    explained = set(re.findall(r'@echo "  make (\w+)', makefile))
    assert targets == explained
    assert targets <= set(cli.COMMANDS)


def test_a_shared_folder_of_assets_is_left_to_those_who_share_it(tmp_path, monkeypatch):
    shared, link = tmp_path / "shared", tmp_path / "node_modules"
    shared.mkdir()
    (shared / "htmx.org").touch()
    link.symlink_to(shared)

    def npm(arguments, **options) -> None:
        link.mkdir()

    monkeypatch.setattr(setup, "NODE_MODULES", link)
    monkeypatch.setattr(setup, "find_npm", lambda: (["npm"], ""))
    monkeypatch.setattr(setup, "run", npm)
    setup.install_assets()
    assert (shared / "htmx.org").exists()
    assert not link.is_symlink()
