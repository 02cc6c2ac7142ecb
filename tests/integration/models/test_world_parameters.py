"""The fit of the worlds' parameters finds what was planted, looks at nothing from its window on, and measures what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.core.stats import WORLD_COUNTS
from rates_lib.lake import Lake
from rates_lib.models.bundle import load_bundle, save_bundle
from rates_lib.models.config import WorldParametersConfig
from rates_lib.models.registry import choose_run
from rates_lib.models.world_parameters import LINKS, parameters_of, train_worlds
from rates_lib.pipeline.mean_box import project_box
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS
from rates_lib.sim.moments import MOMENT_STATS, GameRows, Moments, PlayerRows
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.worlds import draw_slate, slots
from tests.frames.slate import slate

START, WINDOW = date(2023, 10, 24), date(2024, 10, 1)
CONFIG = WorldParametersConfig(games=9, worlds=120, rounds=8)
START_FORM = Parameters().form_sd
TRUTH = replace(
    Parameters(), pace_sd=0.06, feedback=0.008, spread=1.4, single=0.35, form_sd={**START_FORM, "ast": 0.5, "blk": 0.6}, garbage=1.6
)  # fmt: skip


def played_seasons(per_game: int = 150) -> pl.DataFrame:
    """Frames of `training.worlds_training` whose games are worlds of TRUTH, some each day."""
    frames = slate(3)
    box = project_box(frames["minutes"], frames["rates"], frames["form"])
    parts = []
    for g, drawn in enumerate(draw_slate(slots(frames["minutes"], frames["rates"], box), TRUTH, per_game, seed=99)):
        slot = drawn.slot
        home, away = drawn.team_points()
        known = {f"{t}_per_min_mean": slot.means.rates[:, i] for i, t in enumerate(RATE_TARGETS)}
        known |= {f"{p}_pct_mean": slot.means.percentages[:, i] for i, p in enumerate(("fg2", "fg3", "ft"))}
        known |= {"play_prob": slot.means.play_prob, "minutes_reconciled": slot.means.minutes}
        known |= {f"minutes_p{q}": slot.means.band[:, i] for i, q in enumerate((10, 50, 90))}
        for w in range(per_game):
            plays = drawn.seconds[:, w] > 0
            count = {name: pl.Series(drawn.count(name)[:, w].astype(np.int64)) for name in WORLD_COUNTS}
            count |= {"reb": count["oreb"] + count["dreb"], "fga": count["fga2"] + count["fga3"], "fgm": count["fg2m"] + count["fg3m"]}
            constant = {
                "season": 2023, "game_date": START + timedelta(days=w), "game_id": f"g{g}-{w:03}",
                "spread_close": float(away.mean() - home.mean()), "total_close": float(home.mean() + away.mean()),
                "season_pace_team": 100.0, "season_pace_opp": 100.0, "home_pts": int(home[w]), "away_pts": int(away[w]),
                "overtimes": int(drawn.seconds[: slot.means.first, w].sum() - 14400) // 1500,
            }  # fmt: skip
            rows = pl.DataFrame({"player_id": slot.player_ids, **known}).with_columns(
                *(pl.lit(value).alias(name) for name, value in constant.items()),
                pl.Series("team_id", [slot.team_ids[t] for t in slot.teams]),
                pl.Series("home_flag", 1 - slot.teams).cast(pl.Int8),
                pl.Series("minutes", drawn.seconds[:, w] / 60.0),
                *(values.alias(name) for name, values in count.items()),
            )
            parts.append(rows.with_columns(pl.when(pl.Series(plays)).then(c).alias(c) for c in ("minutes", *LABEL_COUNTS)))
    return pl.concat(parts)


@pytest.fixture(scope="module")
def games() -> pl.DataFrame:
    return played_seasons()


@pytest.fixture(scope="module")
def bundle(games):
    return train_worlds(games, WINDOW, CONFIG)


def test_what_was_planted_is_found(bundle):
    fitted, start = bundle.meta["parameters"], Parameters().to_dict()
    planted = {name: getattr(TRUTH, name) for name in ("feedback", "spread", "single", "garbage")}
    for name, truth in planted.items():  # most of the way, from 450 games
        assert abs(fitted[name] - truth) < 0.4 * abs(start[name] - truth), name
    for form in ("ast", "blk"):
        assert fitted["form_sd"][form] == pytest.approx(TRUTH.form_sd[form], abs=0.15), form
    off = bundle.meta["metric_val"]
    assert off < 3  # in units of sampling error; at the start it is above ten
    figures = bundle.meta["metrics"]["moments"]
    assert figures["margin_sd_worlds"] == pytest.approx(figures["margin_sd_real"], rel=0.06)


def test_nothing_from_the_window_on_is_looked_at(games, bundle):
    """Poisoned: later games of absurd outcomes; truncated: without them. Both give the same bytes."""
    later = games.with_columns(
        (pl.col("game_date") + pl.duration(days=400)).alias("game_date"), pl.concat_str(pl.lit("x"), "game_id").alias("game_id"),
        pl.col("pts") * 9, pl.col("home_pts") * 7, pl.col("minutes") / 3,
    )  # fmt: skip
    small = replace(CONFIG, rounds=1)
    with_later = train_worlds(pl.concat([later, games.sample(fraction=1, shuffle=True, seed=3)]), WINDOW, small)
    assert with_later.meta == train_worlds(games, WINDOW, small).meta
    assert with_later.meta["parameters"] != bundle.meta["parameters"]
    poisoned = games.with_columns(pl.col("minutes") / 3)
    assert train_worlds(poisoned, WINDOW, small).meta["parameters"] != with_later.meta["parameters"]


def test_a_run_is_stored_like_any_other(tmp_path, bundle):
    lake = Lake(tmp_path)
    save_bundle(lake, bundle)
    run = choose_run(lake, "worlds_v1", date(2024, 11, 5))
    assert run.run_id == bundle.run_id
    assert parameters_of(load_bundle(lake, "worlds_v1", run.run_id)).to_dict() == bundle.meta["parameters"]
    assert load_bundle(lake, "worlds_v1", run.run_id).models == {}


def test_without_games_it_says_what_to_do(games):
    with pytest.raises(RatesError, match=r"2023-10 has no game before it.*backfill an earlier season"):
        train_worlds(games, date(2023, 10, 1), CONFIG)


def test_every_parameter_has_one_moment():
    assert len({link.moment for link in LINKS}) == len({link.parameter for link in LINKS}) == len(LINKS)
    names = set(Parameters().to_dict())
    assert {link.parameter.split(".")[0] for link in LINKS} <= names


def test_moments_by_hand():
    """Two games; one player a team but for a pair of team-mates in the first."""
    pts, ast, fga2 = (MOMENT_STATS.index(s) for s in ("pts", "ast", "fga2"))
    counts, expected = np.zeros((5, len(MOMENT_STATS))), np.zeros((5, len(MOMENT_STATS)))
    counts[:, fga2], expected[:, fga2] = [4, 6, 2, 8, 10], 0.2
    counts[:, pts], counts[:, ast] = [12, 8, 10, 10, 10], [1, 3, 2, 2, 2]
    rows = PlayerRows(
        team=np.array([0, 0, 1, 2, 3]), minutes=np.full(5, 30.0), counts=counts, expected=expected, given=np.array([30.0, 30, 30, 30, 20]),
        band=np.array([[25.0, 35.0]] * 4 + [[10.0, 28.0]]), means=np.tile([10.0, 2.0], (5, 1)),
    )  # fmt: skip
    games = GameRows(
        margin=np.array([10.0, -2]), home=np.array([3.0, -1]), away=np.array([-1.0, 3]), overtimes=np.array([0.0, 1]),
        plays=np.array([200.0, 222]), pace=np.array([[2.0, 0], [2.0, 0]]),
    )  # fmt: skip
    tally = Moments()
    tally.add(rows, games)
    moments = tally.values()
    assert moments["dispersion_fga2"] == pytest.approx(((4 - 6) ** 2 + 0 + (2 - 6) ** 2 + (8 - 6) ** 2 + (10 - 6) ** 2) / 30)
    assert moments["mates_pts_pts"] == pytest.approx(-4 / (8 / 5))
    assert moments["mates_pts_ast"] == pytest.approx((2 * 1 + -2 * -1) / 2 / np.sqrt(8 / 5 * 2 / 5))
    assert moments["minutes_inside_band"] == 1.0
    assert (moments["overtime_rate"], moments["home_away_correlation"]) == (0.5, -1.0)
    assert moments["margin_sd"] == pytest.approx(np.std([4, -4]))
    assert moments["overtime_pace"] == pytest.approx(0.11 * 48 / 5)
    twice = Moments()
    twice.add(rows, games)
    twice.add(rows, games)
    assert twice.values()["dispersion_fga2"] == pytest.approx(moments["dispersion_fga2"])
