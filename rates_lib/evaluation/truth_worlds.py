"""Compare the worlds with the true distributions of the synthetic league.

    python -m rates_lib.evaluation.truth_worlds --season 2024

The league replays every game from its state before tip-off (`sources/synthetic/replay.py` defines that state), so each player's box score
has a true distribution. No forecast can have a smaller expected CRPS than the truth: the ratio of a forecaster's CRPS to the truth's, on
the same outcomes, is 1 for a perfect forecaster. Only players who played are scored; each distribution is that of the worlds, or replays,
in which the player plays.

forecasters  worlds: drawn again from the stored predictions, as in `rates evaluate-worlds`
             last20: a player's last twenty games (ten at least) with equal weights; for a game, those of both teams, from the home side

Belongs here: measuring against the truth. Does not belong here: the truth itself (`sources/synthetic/`), other figures of the
worlds (`worlds.py`).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.core.metrics import Floats, rmse
from rates_lib.core.stats import MEDIANS, WORLD_COUNTS, of_kind
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.evaluation.worlds import LEAST_GAMES, MOST_GAMES, crps_of, draw_season, outcomes
from rates_lib.lake import Lake
from rates_lib.sim.summary import values_of
from rates_lib.sim.worlds import Drawn, Slot
from rates_lib.sources.synthetic.replay import Replays, eve_of, replay
from rates_lib.sources.synthetic.year import Eve

PLAYER_TARGETS = ("minutes", *of_kind(MEDIANS, "count", "fantasy"))
GAME_TARGETS = ("margin", "total")
FORECASTERS = ("worlds", "last20")
_MINUTES = (0, 8, 20, 30, 48)
_FEWEST = 2  # least number of worlds with the player, for a standard deviation
_SCORE = {
    "target": pl.String,
    "game_id": pl.String,
    "player_id": pl.String,
    "y": pl.Float64,
    **{f"{name}_{what}": pl.Float64 for name in ("worlds", "truth") for what in ("crps", "mean", "sd")},
    "last20_crps": pl.Float64,
}


def score_beside_truth(
    lake: Lake, season: int, worlds: int = 1000, replays: int = 500, seed: int = 7, league_seed: int = 7, threads: int = 2
) -> pl.DataFrame:
    """CRPS, mean and standard deviation of the worlds and of the truth for every outcome of a season.

    Args:
        lake: of the synthetic league; holds the tables that `evaluate_worlds` reads, and the truth written when the league was landed.
        season: start year.
        worlds: number per game.
        replays: number of true replays per game; CRPS is estimated without bias for it.
        seed: of worlds and replays.
        league_seed: seed with which the league was landed.
        threads: number of drawing threads.

    Returns:
        target, game_id, player_id (null for games), y, `worlds_…` and `truth_…` crps, mean and sd, last20_crps (null with too few games);
        in order of target and game.

    Raises:
        RatesError: if the lake is not of the synthetic league, was landed with another seed, or no day of the season is predicted.
        MissingModelError: if no run of worlds_v1 serves one of its days.
    """
    eve = _eve(lake, season, league_seed)
    outcome = outcomes(lake, season, PLAYER_TARGETS)
    game = _games(lake, season)
    rows: list[dict[str, object]] = []
    for redrawn in draw_season(lake, season, worlds, seed, threads):
        slot = redrawn.drawn.slot
        this = pl.col("game_id") == slot.game_id
        true = replay(eve, slot.game_id, replays, seed)
        rows += _of_players(redrawn.drawn, true, outcome.filter(this))
        rows += _of_game(redrawn.drawn, true, game.filter(this).row(0, named=True))
    return pl.DataFrame(rows, schema=_SCORE).sort(pl.col("target").cast(pl.Enum([*PLAYER_TARGETS, *GAME_TARGETS])), "game_id", "player_id")


def ratios(scores: pl.DataFrame) -> pl.DataFrame:
    """CRPS ratios and spreads by target.

    Args:
        scores: of `score_beside_truth`.

    Returns:
        A row per target, in the order of `scores`. For each forecaster `<name>_ratio`, its CRPS over the truth's on the rows with its
        CRPS, `<name>_low` and `<name>_high`, a 95 % interval by bootstrap of games, and `<name>_rows`. For the worlds `gap_closed`, the
        share of the gap between last20 and the truth that they close on the rows of both (1: all of it), `sd_ratio`, their mean
        standard deviation over the truth's, and `mean_error`, the root mean square distance of their means from the true means, in
        standard deviations of the truth.
    """
    rows = []
    for (target,), own in scores.group_by("target", maintain_order=True):
        row: dict[str, object] = {"target": target}
        for name in FORECASTERS:
            some = own.drop_nulls(f"{name}_crps")
            crps = some.select(f"{name}_crps", "truth_crps").to_numpy()
            means = GameBootstrap(some["game_id"]).means(crps)
            low, high = interval(means[:, 0] / means[:, 1])
            value = crps[:, 0].mean() / crps[:, 1].mean()
            row |= {f"{name}_ratio": value, f"{name}_low": low, f"{name}_high": high, f"{name}_rows": some.height}
        mean = {c: float(own.drop_nulls("last20_crps")[f"{c}_crps"].to_numpy().mean()) for c in (*FORECASTERS, "truth")}
        spread = own.select("worlds_sd", "truth_sd").to_numpy()
        row |= {
            "gap_closed": (mean["last20"] - mean["worlds"]) / (mean["last20"] - mean["truth"]),
            "sd_ratio": spread[:, 0].mean() / spread[:, 1].mean(),
            "mean_error": rmse(own["truth_mean"].to_numpy(), own["worlds_mean"].to_numpy()) / spread[:, 1].mean(),
        }
        rows.append(row)
    return pl.DataFrame(rows)


def ratios_by_segment(scores: pl.DataFrame) -> pl.DataFrame:
    """`ratios` of the player targets by segment: true expected minutes given play, and the first eighth of the season's games or later.

    Args:
        scores: of `score_beside_truth`.

    Returns:
        Columns of `ratios`, and segment; in order of segment and target.
    """
    expected = scores.filter(pl.col("target") == "minutes").select("game_id", "player_id", pl.col("truth_mean").alias("expected"))
    rows = scores.join(expected, on=["game_id", "player_id"], how="inner", maintain_order="left")
    early = pl.col("game_id").rank("dense") <= pl.col("game_id").n_unique() / 8
    masks = {
        "first eighth": early,
        "after it": ~early,
        **{f"{low} to {high} minutes": pl.col("expected").is_between(low, high, closed="left") for low, high in pairwise(_MINUTES)},
    }
    parts = [ratios(own).with_columns(pl.lit(name).alias("segment")) for name, mask in masks.items() if (own := rows.filter(mask)).height]
    return pl.concat(parts)


def as_worlds(slot: Slot, true: Replays) -> Drawn:
    """The replays of a slot's players as if they were its worlds; a player who is not active plays in none."""
    times = true.seconds.shape[1]
    counts = np.zeros((len(WORLD_COUNTS), len(slot.player_ids), times), np.uint8)
    seconds = np.zeros((len(slot.player_ids), times), np.uint16)
    place = {player: i for i, player in enumerate(true.player_ids)}
    at = [(i, place[player]) for i, player in enumerate(slot.player_ids) if player in place]
    ours, theirs = (np.array(index, np.int64) for index in zip(*at, strict=True))
    box = true.box | {"FG2M": true.box["FGM"] - true.box["FG3M"], "FGA2": true.box["FGA"] - true.box["FG3A"], "FGA3": true.box["FG3A"]}
    seconds[ours] = true.seconds[theirs]
    for c, name in enumerate(WORLD_COUNTS):
        counts[c, ours] = box[name.upper()][theirs]
    return Drawn(slot, 0, seconds, counts)


def _of_players(drawn: Drawn, true: Replays, played: pl.DataFrame) -> list[dict[str, object]]:
    scores = []
    both = {"worlds": drawn, "truth": as_worlds(drawn.slot, true)}
    plays = {name: d.seconds > 0 for name, d in both.items()}
    place = {player: i for i, player in enumerate(drawn.slot.player_ids)}
    for target in PLAYER_TARGETS:
        values = {name: values_of(d, target) for name, d in both.items()}
        for player_id, y, last in played.select("player_id", target, f"{target}_last").iter_rows():
            i = place.get(player_id)
            if i is None or any(p[i].sum() < _FEWEST for p in plays.values()):
                continue
            sample = {name: values[name][i][plays[name][i]] for name in both}
            scores.append(_row(target, drawn.slot.game_id, player_id, float(y), sample, np.array(last, np.float64)))
    return scores


def _of_game(drawn: Drawn, true: Replays, game: Mapping[str, object]) -> list[dict[str, object]]:
    ours = drawn.home_and_away(str(game["home_team_id"]))
    points = {"worlds": ours.astype(np.float64), "truth": true.points.astype(np.float64)}
    samples = {
        "margin": {name: home - away for name, (home, away) in points.items()},
        "total": {name: home + away for name, (home, away) in points.items()},
    }
    return [
        _row(target, drawn.slot.game_id, None, float(game[target]), sample, np.array(game[f"{target}_last"], np.float64))  # type: ignore[arg-type]
        for target, sample in samples.items()
    ]


def _row(target: str, game_id: str, player_id: str | None, y: float, sample: Mapping[str, Floats], last: Floats) -> dict[str, object]:
    row: dict[str, object] = {"target": target, "game_id": game_id, "player_id": player_id, "y": y}
    for name, values in sample.items():
        row |= {f"{name}_crps": crps_of(y, values), f"{name}_mean": float(values.mean()), f"{name}_sd": float(values.std())}
    return row | {"last20_crps": crps_of(y, last) if len(last) >= LEAST_GAMES else None}


def _games(lake: Lake, season: int) -> pl.DataFrame:
    """game_id, home_team_id, margin, total and, as `<target>_last`, those of both teams' last games, margins from the home side.

    The lists of last games are empty where one of the teams has played too few games.
    """
    earlier = [key for key in lake.partitions("silver.game") if season - 1 <= int(key) <= season]
    game = lake.read("silver.game", earlier).drop_nulls(["home_pts", "away_pts"]).sort("game_date", "game_id")
    past: dict[str, list[tuple[float, float]]] = {}  # by team: margins from its side, totals
    rows = []
    columns = ("season", "game_id", "home_team_id", "away_team_id", "home_pts", "away_pts")
    for year, game_id, home, away, scored, allowed in game.select(columns).iter_rows():
        own, other = past.setdefault(home, []), past.setdefault(away, [])
        enough = min(len(own), len(other)) >= LEAST_GAMES
        last = [*own[-MOST_GAMES:], *((-margin, total) for margin, total in other[-MOST_GAMES:])] if enough else []
        margin, total = float(scored - allowed), float(scored + allowed)
        if year == season:
            rows.append((game_id, home, margin, total, [m for m, _ in last], [t for _, t in last]))
        own.append((margin, total))
        other.append((-margin, total))
    names = ("game_id", "home_team_id", "margin", "total", "margin_last", "total_last")
    return pl.DataFrame(rows, schema=names, orient="row")


def _eve(lake: Lake, season: int, league_seed: int) -> Eve:
    """The league's state at the start of the season, checked against the truth stored in the lake."""
    if not lake.truth_path("game").exists():
        raise RatesError(
            f"{lake.root} holds no synthetic league, and no other has a known truth: run `rates land --provider synthetic` first"
        )
    true = pl.read_parquet(lake.truth_path("game"))
    own = true.filter(pl.col("season") == season)
    if own.is_empty():
        raise RatesError(f"season {season} is not one of the synthetic league in {lake.root}: it has {sorted(set(true['season']))}")
    players = pl.read_parquet(lake.truth_path("player_season")).filter(pl.col("season") == season)
    teams = players["team_id"].n_unique()
    eve = eve_of(season, int(true["season"].min()), league_seed, teams, 2 * own.height // teams)  # type: ignore[arg-type]
    margin = pl.DataFrame({"game_id": eve.cast.games.ids, "margin": eve.closing.margin})
    same = own.join(margin, on="game_id", how="left").select((pl.col("margin") - pl.col("expected_home_margin")).abs().max()).item()
    if same is None or same > 1e-6:
        raise RatesError(f"the synthetic league in {lake.root} was not landed with seed {league_seed}: name its seed with --league-seed")
    return eve


def as_text(rows: pl.DataFrame) -> str:
    """The ratios as a Markdown table."""
    head = ["CRPS / the truth's own", "worlds", "rows", "last 20", "rows", "gap closed", "SD / true SD", "error of the mean / true SD"]
    lines = [
        [" ".join(row[c] for c in ("target", "segment") if c in row), *(text for name in FORECASTERS for text in (
            f"{row[f'{name}_ratio']:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]", f"{row[f'{name}_rows']:,}")),
         f"{row['gap_closed']:.2f}", f"{row['sd_ratio']:.3f}", f"{row['mean_error']:.3f}"]
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---", *["---:"] * (len(head) - 1)], *lines))


def main() -> None:
    """Print the tables of a season."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--season", type=int, required=True, help="start year of a predicted season")
    parser.add_argument("--worlds", type=int, default=1000, help="number per game")
    parser.add_argument("--replays", type=int, default=500, help="number of true replays per game")
    parser.add_argument("--seed", type=int, default=7, help="seed of worlds and replays")
    parser.add_argument("--league-seed", type=int, default=7, help="seed with which the league was landed")
    args = parser.parse_args()
    lake = Lake(Path(os.environ.get("RATES_ROOT") or "lake").resolve())
    scores = score_beside_truth(lake, args.season, args.worlds, args.replays, args.seed, args.league_seed)
    print(as_text(ratios(scores)), as_text(ratios_by_segment(scores)), sep="\n\n")


if __name__ == "__main__":
    main()
