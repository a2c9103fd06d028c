"""Every benchmark runs on the smallest of data; how long it takes is not looked at."""

from contextlib import nullcontext

import pytest

from . import autosave, lesson_page
from .cases import ALL
from .harness import compare, print_table


@pytest.fixture
def plain_static_files(monkeypatch):
    """Collecting the files takes longer than everything here."""
    for module in (autosave, lesson_page):
        monkeypatch.setattr(module, "as_in_production", nullcontext)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ALL)
def test_a_benchmark_runs(name, plain_static_files):
    for measured in ALL[name](size=0.01, rounds=1):
        assert measured.ours_ms > 0
        assert measured.floor_ms > 0


def test_each_of_our_runs_finds_what_it_needs(capsys):
    needed, ran = [], []
    measured = compare(
        name="a thing",
        floor="nothing",
        floor_run=lambda: None,
        ours_run=lambda: ran.append(needed.pop()),
        before_ours=lambda: needed.append("ready"),
        gate=0.0,
        rounds=3,
        note="of its kind",
    )
    assert len(ran) >= 3
    assert not measured.holds
    print_table([measured])
    table = capsys.readouterr().out
    assert "over" in table
    assert "of its kind" in table
