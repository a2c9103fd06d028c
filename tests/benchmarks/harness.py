"""Measuring two ways of doing the same thing by turns, so that a busy moment of the machine meets both."""

import json
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

WARM_UP = 2


@dataclass(frozen=True)
class Measured:
    """Medians in milliseconds. ``ratio`` is ours ÷ floor in time; at most ``gate`` is good.

    ``…_cpu_ms`` is this process's share of the time: the rest is the database server's, and waiting for the disk.
    """

    name: str
    floor: str
    floor_ms: float
    floor_cpu_ms: float
    ours_ms: float
    ours_cpu_ms: float
    ratio: float
    gate: float
    note: str = ""
    errors: int = 0

    @property
    def holds(self) -> bool:
        return self.ratio <= self.gate and not self.errors


def peak_mb() -> int:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def compare(
    *,
    name: str,
    floor: str,
    floor_run: Callable[[], object],
    ours_run: Callable[[], object],
    gate: float,
    rounds: int = 30,
    before_floor: Callable[[], object] = lambda: None,
    before_ours: Callable[[], object] = lambda: None,
    warm_up: int = WARM_UP,
    note: str = "",
) -> Measured:
    """Run both by turns, ``warm_up`` times and then ``rounds`` times.

    ``before_floor`` and ``before_ours`` put right what each run needs; they are not measured.
    """
    wall: dict[str, list[float]] = {"floor": [], "ours": []}
    cpu: dict[str, list[float]] = {"floor": [], "ours": []}
    for turn in range(warm_up + rounds):
        for key, prepare, run in (("floor", before_floor, floor_run), ("ours", before_ours, ours_run)):
            prepare()
            started, cpu_started = time.perf_counter(), time.process_time()
            run()
            taken, cpu_taken = time.perf_counter() - started, time.process_time() - cpu_started
            if turn >= warm_up:
                wall[key].append(taken * 1000)
                cpu[key].append(cpu_taken * 1000)
    floor_ms, ours_ms = statistics.median(wall["floor"]), statistics.median(wall["ours"])
    return Measured(
        name=name,
        floor=floor,
        floor_ms=round(floor_ms, 2),
        floor_cpu_ms=round(statistics.median(cpu["floor"]), 2),
        ours_ms=round(ours_ms, 2),
        ours_cpu_ms=round(statistics.median(cpu["ours"]), 2),
        ratio=round(ours_ms / floor_ms, 2),
        gate=round(gate, 2),
        note=note,
    )


def print_table(results: list[Measured]) -> None:
    print(
        f"{'what':<32}{'floor':<32}{'floor ms':>10}{'(cpu)':>9}{'ours ms':>10}{'(cpu)':>9}{'ratio':>8}{'gate':>7}"
    )
    for result in results:
        mark = "" if result.holds else "  over"
        print(
            f"{result.name:<32}{result.floor:<32}{result.floor_ms:>10.2f}{result.floor_cpu_ms:>9.2f}"
            f"{result.ours_ms:>10.2f}{result.ours_cpu_ms:>9.2f}{result.ratio:>8.2f}{result.gate:>7.2f}{mark}"
        )
        if result.note:
            print(f"    {result.note}")


def write_json(results: list[Measured], path: Path, *, about: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(result) | {"holds": result.holds} for result in results]
    path.write_text(json.dumps(about | {"results": rows}, ensure_ascii=False, indent=1) + "\n")
