"""What each learner of a demo run has lived through: how far, which tests twice, who left. No Django here."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True)
class Fate:
    """``end`` is one of nominated, not_started, in_progress, completed, withdrawn."""

    end: str
    second_time: bool = False
    out_of_attempts: bool = False


def fates(run: dict[str, Any], learners: Iterable[str]) -> dict[str, Fate]:
    """Staff codes of the run's learners, in their order, with what becomes of each.

    ``run`` is an entry of ``runs.yaml``, ``learners`` all there are. The same entry gives the same fates.
    """
    random = Random(run["code"])
    chosen = choose_learners(run, list(learners), random)
    ends = [end for end, count in run["story"].items() for _ in range(count)]
    if len(ends) != len(chosen):
        raise ValueError(f"{run['code']}: the story is of {len(ends)} learners, the run has {len(chosen)}")
    always = run.get("always", {})
    for end in always.values():
        ends.remove(end)
    random.shuffle(ends)
    free = [code for code in chosen if code not in always]
    found = {code: Fate(end) for code, end in [*always.items(), *zip(free, ends, strict=True)]}
    for name, end in (("second_time", "completed"), ("out_of_attempts", "in_progress")):
        possible = [code for code in free if found[code].end == end]
        for code in random.sample(possible, run.get(name, 0)):
            found[code] = Fate(end, **{name: True})
    return {code: found[code] for code in chosen}


def choose_learners(run: dict[str, Any], learners: list[str], random: Random) -> list[str]:
    if run["learners"] == "all":
        return learners
    always, never = set(run.get("always", {})), set(run.get("never", []))
    free = [code for code in learners if code not in always | never]
    taken = always | set(random.sample(free, run["learners"] - len(always)))
    return [code for code in learners if code in taken]
