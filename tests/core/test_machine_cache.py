"""The cache of one machine: what Django promises of a cache, held across processes."""

import multiprocessing
import time
from datetime import UTC, datetime

import pytest
from django.core.cache import caches
from django.test import RequestFactory

from lms.core.machine_cache import MachineCache
from lms.core.throttle import allow
from tests.factories.courses import make_home

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def cache(tmp_path) -> MachineCache:
    return MachineCache(str(tmp_path / "cache.sqlite3"), {"OPTIONS": {"MAX_ENTRIES": 50}})


def in_processes(work, *, processes: int = 4) -> list:
    """What each process gives back; all begin at the same moment."""
    barrier, results = FORK.Barrier(processes), FORK.Queue()

    def run() -> None:
        barrier.wait(timeout=30)
        results.put(work())

    started = [FORK.Process(target=run) for _ in range(processes)]
    for process in started:
        process.start()
    given = [results.get(timeout=60) for _ in started]
    for process in started:
        process.join(timeout=30)
    return given


@pytest.mark.parametrize(
    "value",
    [0, 7, -(2**40), 2**70, True, None, 1.5, "chữ", b"x", ["a", {"b": 1}], datetime(2019, 5, 31, tzinfo=UTC)],
)
def test_what_was_set_is_got_as_it_was(cache, value):
    cache.set("key", value)
    assert cache.get("key", "nothing") == value
    assert type(cache.get("key", "nothing")) is type(value)
    assert "key" in cache


def test_what_is_not_there_is_not_there(cache):
    assert cache.get("key") is None
    assert cache.get("key", 3) == 3
    assert not cache.delete("key")
    assert not cache.touch("key")
    with pytest.raises(ValueError, match="key"):
        cache.incr("key")


def test_an_entry_ends_with_its_time(cache):
    cache.set("short", 1, timeout=0.05)
    cache.set("long", 1, timeout=60)
    cache.set("ever", 1, timeout=None)
    cache.set("never", 1, timeout=0)
    time.sleep(0.06)
    assert cache.get_many(["short", "long", "ever", "never"]) == {"long": 1, "ever": 1}
    assert cache.add("short", 2)
    assert not cache.add("ever", 2)
    cache.touch("long", 0)
    assert "long" not in cache


def test_a_name_belongs_to_its_version(cache):
    cache.set("key", 1, version=1)
    cache.set("key", 2, version=2)
    assert (cache.get("key", version=1), cache.get("key", version=2)) == (1, 2)
    cache.incr_version("key", version=2)
    assert cache.get("key", version=3) == 2


def test_several_are_set_got_and_deleted_together(cache):
    assert cache.set_many({"a": 1, "b": [2]}) == []
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": [2]}
    cache.delete_many(["a"])
    assert cache.get_or_set("a", lambda: 5) == 5
    assert cache.decr("a", 2) == 3
    cache.clear()
    assert cache.get_many(["a", "b"]) == {}


def test_no_more_is_kept_than_there_is_room_for(cache, monkeypatch):
    monkeypatch.setattr("lms.core.machine_cache.WRITES_PER_SWEEP", 1)
    for number in range(200):
        cache.set(f"key-{number}", number, timeout=100 + number)
    kept = [number for number in range(200) if f"key-{number}" in cache]
    assert len(kept) <= 51
    assert kept[-1] == 199


def test_a_number_counts_in_all_processes(cache):
    cache.set("hits", 0)  # before the fork: a child must not go on with its parent's connection
    in_processes(lambda: [cache.incr("hits") for _ in range(250)] and None)
    assert cache.get("hits") == 1000


def test_only_one_of_all_processes_adds(cache):
    won = in_processes(lambda: [cache.add(f"lock-{number}", 1) for number in range(40)])
    assert [sum(each) for each in zip(*won, strict=True)] == [1] * 40


def test_what_one_process_throws_away_is_gone_in_the_others(cache):
    cache.set("key", 1)
    in_processes(lambda: cache.delete("key"), processes=1)
    assert cache.get("key") is None


def test_five_a_minute_are_five_whatever_process_answers():
    request, now = RequestFactory().get("/"), datetime(2026, 1, 1, tzinfo=UTC)
    answers = in_processes(
        lambda: [allow(request, scope="test", per_minute=5, now=now) for _ in range(10)], processes=2
    )
    assert sum(map(sum, answers)) == 5
    assert not allow(request, scope="test", per_minute=5, now=now)


def test_the_embedded_default_is_one_cache_for_the_machine(settings):
    backend = settings.CACHES["default"]["BACKEND"]
    assert backend.endswith(("MachineCache", "RedisCache"))
    assert caches["default"].__class__.__name__ == backend.rpartition(".")[2]


@pytest.mark.django_db
def test_a_page_seen_before_writes_nothing_into_the_cache(client, monkeypatch):
    make_home()
    for _ in range(2):
        assert client.get("/").status_code == 200

    def written(*args, **kwargs) -> None:
        raise AssertionError("written")

    monkeypatch.setattr(MachineCache, "_write", written)
    assert client.get("/").status_code == 200


def test_processes_that_meet_at_a_new_file_all_come_in(tmp_path):
    """Turned to WAL by each without taking turns, one in some tries found the file locked."""
    for number in range(25):
        location = str(tmp_path / f"new-{number}.sqlite3")
        assert in_processes(lambda: MachineCache(location, {}).get("key", "empty")) == ["empty"] * 4  # noqa: B023
