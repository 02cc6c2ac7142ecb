"""The measure that sets worlds beside the truth: 1 for the truth itself, more for anything else, and only for the league it knows."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.core.fantasy import SITES
from rates_lib.core.metrics import Floats
from rates_lib.evaluation.truth_worlds import _SCORE, _eve, _row, as_text, as_worlds, ratios, ratios_by_segment, score_beside_truth
from rates_lib.lake import Lake
from rates_lib.sim.game import Means
from rates_lib.sim.summary import values_of
from rates_lib.sim.worlds import Slot
from rates_lib.sources.synthetic import make_league
from rates_lib.sources.synthetic.replay import Replays

SIZE = {"teams": 6, "games_per_team": 20}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(tmp_path_factory.mktemp("truth_worlds") / "lake")
    for name, frame in make_league([2022, 2024], seed=3, **SIZE).truth.items():
        made.truth_path(name).parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(made.truth_path(name))
    return made


def test_the_league_of_the_lake_is_found_again(lake: Lake) -> None:
    eve = _eve(lake, 2024, 3)
    assert eve.cast.games.ids.len() == 60
    assert (eve.cast.games.season, eve.setup.active.shape) == (2024, (120, 15))


def test_another_league_is_refused(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(RatesError, match="--league-seed"):
        score_beside_truth(lake, 2024, league_seed=7)
    with pytest.raises(RatesError, match=r"season 2023 is not one .* it has \[2022, 2024\]"):
        score_beside_truth(lake, 2023, league_seed=3)
    with pytest.raises(RatesError, match="rates land --provider synthetic"):
        score_beside_truth(Lake(tmp_path), 2024)


def test_replays_take_the_places_of_the_slot() -> None:
    """Three men play twice; one of the slot is not active, and one who is active is not in the slot."""
    names = ("FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "AST", "STL", "BLK", "TOV", "PF", "PTS")
    box = {name: np.array([[10 * k, 10 * k + 1], [20 * k, 0], [1, 1]]) for k, name in enumerate(names)}
    box |= {"FGM": np.array([[5, 6], [2, 0], [0, 0]]), "FG3M": np.array([[2, 1], [0, 0], [0, 0]])}
    true = Replays("g", ["c", "a", "z"], np.array([[1200, 600], [1800, 0], [60, 60]]), box, np.array([[100, 90], [80, 95]]))
    nothing = np.zeros(0)
    slot = Slot(date(2025, 1, 1), "g", ("1", "2"), ["a", "b", "c"], Means(2, *[nothing] * 7))  # type: ignore[arg-type]
    drawn = as_worlds(slot, true)
    assert drawn.seconds.tolist() == [[1800, 0], [0, 0], [1200, 600]]
    assert drawn.count("fg2m").tolist() == [[2, 0], [0, 0], [3, 5]]
    assert drawn.count("fga3").tolist() == [[60, 0], [0, 0], [30, 31]]
    assert values_of(drawn, "reb").tolist() == [[20 * 13, 0], [0, 0], [10 * 13, 10 * 13 + 2]]
    paid = SITES["dk"].points
    stats = {"pts": 130, "fg3m": 2, "reb": 130, "ast": 80, "stl": 90, "blk": 100, "tov": 110}
    assert values_of(drawn, "dk_points")[2, 0] == pytest.approx(sum(weight * stats[name] for name, weight in paid.items()))


def scores(forecast: Floats, rng: np.random.Generator) -> pl.DataFrame:
    """Two thousand outcomes of a normal law in two hundred games, which `forecast` (200,) forecasts."""
    rows = []
    for game in range(200):
        for player in range(10):
            sample = {"worlds": forecast, "truth": rng.normal(0, 1, 200)}
            rows.append(_row("pts", f"{game:03}", str(player), float(rng.normal()), sample, rng.normal(0, 1, 20 if player else 3)))
    return pl.DataFrame(rows, schema=_SCORE)


def test_the_truth_has_a_ratio_of_one_and_everything_else_more() -> None:
    rng = np.random.default_rng(7)
    perfect = ratios(scores(rng.normal(0, 1, 2000), rng)).row(0, named=True)
    assert perfect["worlds_low"] < 1 < perfect["worlds_high"]
    assert perfect["worlds_ratio"] == pytest.approx(1, abs=0.01)
    assert perfect["gap_closed"] == pytest.approx(1, abs=0.2)
    assert (perfect["worlds_rows"], perfect["last20_rows"]) == (2000, 1800)
    # twenty draws as they are: 1 + 1 / 20 of the truth's CRPS on average (Ferro 2014)
    assert perfect["last20_ratio"] == pytest.approx(1.05, abs=0.01)
    off = ratios(scores(rng.normal(0.5, 1, 2000), rng)).row(0, named=True)
    assert off["worlds_low"] > 1.05
    assert off["mean_error"] == pytest.approx(0.5, abs=0.05)
    wide = ratios(scores(rng.normal(0, 2, 2000), rng))
    assert wide["worlds_ratio"][0] > 1.05
    assert wide["sd_ratio"][0] == pytest.approx(2, abs=0.1)
    assert "| pts | " in as_text(wide)


def test_segments_are_of_true_minutes_and_of_the_season() -> None:
    rng = np.random.default_rng(7)
    rows = []
    for game in range(16):
        for player, minutes in (("a", 4.0), ("b", 34.0), ("c", 10.0)):
            sample = {"worlds": rng.normal(minutes, 1, 99), "truth": rng.normal(minutes, 0.01, 99)}
            rows += [_row(t, f"{game:02}", player, minutes, sample, np.full(20, minutes)) for t in ("minutes", "pts")]
        rows.append(_row("margin", f"{game:02}", None, 0.0, sample, np.zeros(20)))
    found = ratios_by_segment(pl.DataFrame(rows, schema=_SCORE)).filter(target="pts")
    assert dict(found.select("segment", "worlds_rows").iter_rows()) == {
        "first eighth": 6, "after it": 42, "0 to 8 minutes": 16, "8 to 20 minutes": 16, "30 to 48 minutes": 16,
    }  # fmt: skip
    assert "| pts first eighth | " in as_text(found)
