"""Speed, memory and validity of the worlds, as ratios to baselines measured in the same run.

    python benchmarks/worlds.py                 # ten games of 10,000 worlds; a minute
    python benchmarks/worlds.py --identities    # also ten million player-worlds, each of them checked

The baseline is NumPy drawing as many Poisson numbers on one thread: a number for each of fifteen statistics of every player who
may play, with the means of these games. The output reports the kernel's time on one thread and on two, the size of a day on disk, the
peak memory of writing it (in a process of its own), and the time per world when drawing 1,000, 10,000 and 100,000 of them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from rates_lib.core.stats import WORLD_COUNTS
from rates_lib.lake import Lake
from rates_lib.pipeline.mean_box import project_box
from rates_lib.sim.identities import impossible
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.worlds import Slot, draw_slate, draw_slot, slots
from tests.frames.slate import DAY, slate

GAMES, WORLDS = 10, 10_000
PARAMETERS = Parameters()


def games() -> list[Slot]:
    """Ten synthetic games of one night, thirteen candidates a team, twelve of whom may play."""
    night = []
    for half in range(2):
        frames = slate(GAMES // 2, seed=half + 1)
        box = project_box(frames["minutes"], frames["rates"], frames["form"])
        for slot in slots(frames["minutes"], frames["rates"], box):
            night.append(Slot(slot.game_date, f"{slot.game_id[:-1]}{half}", slot.team_ids, slot.player_ids, slot.means))
    return night


def best_of(times: int, call: Callable[[], object]) -> float:
    """Seconds of the fastest of several calls."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def poisson_seconds(night: list[Slot], worlds: int) -> float:
    """NumPy's time for as many Poisson numbers: fourteen counts and the minutes of every player, in every world."""
    rng = np.random.default_rng(7)
    means = []
    for slot in night:
        drawn = draw_slot(slot, PARAMETERS, 500, threads=1)
        means.append(np.concatenate([drawn.counts.mean(axis=2).ravel(), drawn.seconds.mean(axis=1) / 60]))
    start = time.perf_counter()
    for mean in means:
        rng.poisson(mean[:, None], (len(mean), worlds))
    return time.perf_counter() - start


def draw_all(night: list[Slot], worlds: int, threads: int) -> None:
    """Draw every game and discard it."""
    for _ in draw_slate(night, PARAMETERS, worlds, threads=threads):
        pass


def written(worlds: int) -> dict[str, float]:
    """Stream a day to disk in a process of its own: bytes, peak memory, seconds."""
    code = f"import benchmarks.worlds as b; b.write_day({worlds})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def write_day(worlds: int) -> None:
    """Body of the process that `written` starts."""
    night = games()
    draw_all(night[:1], 10, 1)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        lake.write_groups("sims.worlds", (drawn.rows() for drawn in draw_slate(night, PARAMETERS, worlds)), DAY.isoformat())
        size = lake.partition_path("sims.worlds", DAY.isoformat()).stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"mb_on_disk": size / 1e6, "peak_mb": peak, "seconds": time.perf_counter() - start}))


def player_worlds(night: list[Slot], wanted: int) -> tuple[int, dict[str, int]]:
    """Number of checked player-worlds, and violations by broken identity."""
    checked, wrong, first = 0, dict[str, int](), 0
    while checked < wanted:
        for slot in night:
            rows = draw_slot(slot, PARAMETERS, 5000, first_world=first).rows()
            checked += rows.height
            for identity, n in impossible(rows).items():
                wrong[identity] = wrong.get(identity, 0) + n
        first += 5000
    return checked, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--identities", action="store_true", help="also check ten million player-worlds")
    parser.add_argument("--times", type=int, default=3, help="number of runs; the fastest is reported")
    args = parser.parse_args()
    night = games()
    draw_all(night, 10, 2)  # compiles or loads the kernel
    floor = min(poisson_seconds(night, WORLDS) for _ in range(args.times))
    players = sum(len(slot.player_ids) for slot in night)
    print(f"{GAMES} games x {WORLDS:,} worlds, {players} players, {players * WORLDS * (len(WORLD_COUNTS) + 1) / 1e6:.0f} million numbers")
    print(f"NumPy, as many Poisson numbers, one thread   {floor:6.2f} s")
    good = True
    for threads, limit in ((1, 1.7), (2, 1.0)):
        seconds = best_of(args.times, lambda threads=threads: draw_all(night, WORLDS, threads))
        good &= seconds <= limit * floor
        ratio = seconds / floor
        print(f"worlds on {threads}                                  {seconds:6.2f} s, ratio {ratio:.2f} (at most {limit})")
    day = written(WORLDS)
    good &= day["mb_on_disk"] <= 20 and day["peak_mb"] <= 1024
    print(f"a day on disk {day['mb_on_disk']:.1f} MB (at most 20), peak memory {day['peak_mb']:.0f} MB (at most 1,024)")
    for worlds in (1_000, 10_000, 100_000):
        if worlds == 100_000:
            more = written(worlds)
            print(f"100,000 worlds, streamed to disk: {more['seconds']:.1f} s, {more['mb_on_disk']:.0f} MB, peak {more['peak_mb']:.0f} MB")
        seconds = best_of(1 if worlds > WORLDS else args.times, lambda worlds=worlds: draw_all(night[:3], worlds, 1))
        print(f"{worlds:>7,} worlds: {1e6 * seconds / (3 * worlds):.2f} microseconds for a game's world")
    if args.identities:
        checked, wrong = player_worlds(night, 10_000_000)
        good &= not wrong
        print(f"{checked:,} player-worlds checked: {wrong or 'nothing impossible'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
