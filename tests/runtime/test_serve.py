"""The supervisor: one address, children that live as long as it does, nothing left behind."""

import os
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from lms.runtime import cli, serve
from lms.runtime.console import Failure
from lms.runtime.places import child_environment
from lms.runtime.serve import Address, Child, Site


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    site = Site(Address("127.0.0.1", 0), var=tmp_path, say=lambda text: None)
    yield site
    site.stop(seconds=1)


def child(site: Site, program: str) -> Child:
    made = Child("kid", [sys.executable, "-c", program], site.var / "log" / "kid.log", dict(os.environ))
    site.children.append(made)
    return made


def start_children(site: Site) -> None:
    for kid in site.children:
        kid.start()


def wait_until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_taken_port_is_one_sentence_in_both_languages():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Failure) as failure:
            Address("127.0.0.1", port).listen()
    assert f"Cổng {port} đang được chương trình khác dùng" in failure.value.vi
    assert f"Port {port} is taken" in failure.value.en


@pytest.mark.parametrize("text", ["abc", "70000", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Failure, match="is not a port"):
        Address.from_environment()


def test_host_and_port_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("HOST", "0.0.0.0")
    address = Address.from_environment()
    assert (address.host, address.port, address.url()) == ("0.0.0.0", 8123, "http://localhost:8123")


@pytest.mark.fault
def test_a_child_that_dies_is_started_again(site):
    kid = child(site, "import time; time.sleep(60)")
    start_children(site)
    first = kid.process.pid
    kid.process.kill()
    kid.process.wait()
    wait_until(lambda: site.tend() or (kid.alive and kid.process.pid != first))


@pytest.mark.fault
def test_what_a_killed_child_left_behind_is_ended_before_it_starts_again(site, tmp_path):
    note = tmp_path / "grandchild"
    kid = child(
        site,
        "import subprocess, sys, pathlib, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(p.pid)); time.sleep(60)",
    )
    start_children(site)
    wait_until(lambda: note.exists() and note.read_text())
    grandchild = int(note.read_text())
    kid.process.kill()
    kid.process.wait()
    site.tend()
    wait_until(lambda: is_dead_or_zombie(grandchild))


def is_dead_or_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.fault
def test_a_child_that_dies_at_once_again_and_again_is_given_up(site, monkeypatch):
    monkeypatch.setattr(serve, "QUICK_DEATHS_ALLOWED", 3)
    child(site, "raise SystemExit('no')")
    start_children(site)

    def tend_for_ever():
        while True:
            site.tend()
            time.sleep(0.02)

    with pytest.raises(Failure, match="died 3 times in a row") as failure:
        tend_for_ever()
    assert failure.value.log.read_text().count("no") == 3


def test_stopping_waits_for_a_child_that_finishes_its_work(site, tmp_path):
    note = tmp_path / "done"
    kid = child(
        site,
        "import signal, time, pathlib, sys\n"
        f"def finish(*a): time.sleep(0.5); pathlib.Path({str(note)!r}).write_text('finished'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, finish); print('ready', flush=True); time.sleep(60)",
    )
    start_children(site)
    wait_until(lambda: "ready" in kid.log.read_text())
    site.stop(seconds=10)
    assert note.read_text() == "finished"
    assert not kid.alive


def test_stopping_insists_with_a_child_that_will_not_listen(site):
    kid = child(
        site,
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
    )
    start_children(site)
    wait_until(lambda: "ready" in kid.log.read_text())
    site.stop(seconds=0.3)
    assert not kid.alive


def test_a_second_start_from_the_same_folder_is_refused(tmp_path):
    first = serve.only_one(tmp_path)
    with pytest.raises(Failure, match="already runs from this folder"):
        serve.only_one(tmp_path)
    first.close()
    serve.only_one(tmp_path).close()


def test_web_and_worker_print_the_same_address(tmp_path, monkeypatch):
    monkeypatch.setenv("BASE_URL", "")
    site = Site(Address("127.0.0.1", 0), var=tmp_path, say=lambda text: None)
    site.stop(seconds=0)
    assert site.web.env["BASE_URL"] == site.worker.env["BASE_URL"] == site.url
    assert site.url.startswith("http://localhost:")


@pytest.mark.parametrize(
    ("named", "known"), [("", "http://localhost:8123"), ("https://hoc.example", "https://hoc.example")]
)
def test_what_is_set_up_before_the_server_knows_the_address_too(monkeypatch, named, known):
    monkeypatch.setenv("BASE_URL", named)
    cli.know_own_address(Address("0.0.0.0", 8123))
    assert child_environment()["BASE_URL"] == known
