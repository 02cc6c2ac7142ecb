"""A small random league as the clean tables that features read: for tests of features, without files or SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from rates_lib.core.calendar import season_of
from rates_lib.features.assemble import player_features
from rates_lib.features.history import History
from rates_lib.features.registry import FAMILIES
from rates_lib.schemas.tables import TABLES

TOPS = {"fga2": 16, "fga3": 9, "fta": 6, "oreb": 4, "dreb": 10, "ast": 5, "stl": 4, "blk": 4, "tov": 5, "pf": 6}
POSITIONS = ("PG", "SG", "SF", "PF", "C")
_SHARES = {"catch_shoot_fga": 0.1, "pull_up_fga": 0.07, "paint_touches": 0.05, "post_touches": 0.03}
_TRACKED_SHOTS = tuple((pl.col("touches") * share).round(0).alias(name) for name, share in _SHARES.items())
CODES = ("BOS", "DEN", "UTA", "MIA", "NYK", "LAL")  # abbreviations of t0, t1 ...: both conferences, some at high altitude


def random_history(seed: int = 1, teams: int = 6, players: int = 9, rounds: int = 14, seasons: tuple[int, ...] = (2021, 2022)) -> History:
    """Two seasons of a few teams: trades, absences, unlisted games and players, tracking in every third game."""
    rng = np.random.default_rng(seed)
    team_of = {f"p{i}": f"t{i // players}" for i in range(teams * players)}
    games, rows, lists, tracked = [], [], [], []
    for season in seasons:
        day = date(season, 10, 25)
        for round_ in range(rounds):
            day += timedelta(days=int(rng.integers(1, 4)))
            if round_ == rounds // 2:  # a trade, known from box scores only after the next game
                team_of["p1"], team_of[f"p{players + 1}"] = team_of[f"p{players + 1}"], team_of["p1"]
            order = rng.permutation(teams)
            for k in range(teams // 2):
                home, away = f"t{order[2 * k]}", f"t{order[2 * k + 1]}"
                game_id = f"002{season % 100}{round_:03d}{k:02d}"
                tipoff = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
                games.append((season, game_id, day, tipoff, home, away))
                for team, other, flag in ((home, away, 1), (away, home, 0)):
                    roster = sorted(p for p, t in team_of.items() if t == team)
                    played = [p for p in roster if rng.random() < 0.9]
                    lists += _lists(rng, (season, game_id), team, day, roster, played, round_)
                    for p in played:
                        minutes, counts = _line(rng)
                        five = played[:5].index(p) if p in played[:5] else None
                        rows.append((season, game_id, day, team, other, flag, p, minutes, int(five is not None),
                                     POSITIONS[five] if five is not None else None, counts))  # fmt: skip
                        if round_ % 3 == 0:
                            touches = float(rng.integers(20, 90))
                            tracked.append((season, game_id, p, day, touches, float(rng.integers(1, 300)), float(rng.integers(0, 20)),
                                            float(rng.integers(0, 60)), float(minutes)))  # fmt: skip
    player_game = _player_game(rows)
    game = pl.DataFrame(games, schema=["season", "game_id", "game_date", "tipoff_utc", "home_team_id", "away_team_id"], orient="row")
    return History(
        game=with_sides(game.with_columns(pl.col("tipoff_utc").dt.cast_time_unit("us"))),
        player_game=player_game,
        team_game=_team_game(player_game),
        tracking_game=pl.DataFrame(
            tracked,
            schema=["season", "game_id", "player_id", "game_date", "touches", "time_of_poss_seconds", "drives", "passes_made",
                    "minutes_tracking"],
            orient="row",
        ).with_columns(_TRACKED_SHOTS),
        tracking_season=pl.DataFrame(
            [(s, f"p{i}", 100.0 + i + s % 7, 200.0, 30.0, 80.0, 400.0) for s in seasons for i in range(teams * players)],
            schema=["season", "player_id", "touches", "time_of_poss_seconds", "drives", "passes_made", "minutes_tracking"],
            orient="row",
        ).with_columns(_TRACKED_SHOTS),
        player_bio=_bios(seasons, teams * players),
        availability=pl.DataFrame(
            lists,
            schema={"season": pl.Int64, "game_id": pl.String, "player_id": pl.String, "team_id": pl.String, "game_date": pl.Date,
                    "status": pl.String, "starter_announced": pl.Int8, "availability_source": pl.String},
            orient="row",
        ).with_columns(pl.when(pl.col("status") == "active").then(0.82).otherwise(0.0).alias("play_prob_prior")),
        player_impact=_impacts(seasons, teams * players),
    )  # fmt: skip


def _lists(
    rng: np.random.Generator, game: tuple[int, str], team: str, day: date, roster: list[str], played: list[str], round_: int
) -> list[tuple[object, ...]]:
    """A team's rows of the day's list: a published list, a proxy built from the box score, or no rows."""
    drawn = rng.random()
    named = [p for p in roster if (round_ + int(p[1:])) % 11]  # lists are incomplete: unlisted players may play
    if drawn < 0.6:
        fives = played[:5]
        return [(*game, p, team, day, "active" if p in played else "inactive", int(p in fives), "active_list") for p in named]
    return [(*game, p, team, day, "active", None, "proxy") for p in named if drawn < 0.8 and p in played]


def _line(rng: np.random.Generator) -> tuple[int, dict[str, int]]:
    """Minutes and counts of a box score."""
    minutes = int(rng.integers(0, 42))
    counts = {c: int(rng.integers(0, top)) for c, top in TOPS.items()}
    counts["fg2m"], counts["fg3m"] = (int(rng.binomial(counts[c], 0.5)) for c in ("fga2", "fga3"))
    counts["ftm"] = int(rng.integers(0, counts["fta"] + 1))
    return minutes, counts


def with_sides(game: pl.DataFrame) -> pl.DataFrame:
    """`game` with the abbreviations of both sides (those of CODES for t0, t1 ..., else the id) and some games at a neutral site."""
    codes = {f"t{i}": code for i, code in enumerate(CODES)}
    return game.with_columns(
        pl.col("home_team_id").replace(codes).alias("home_team_abbreviation"),
        pl.col("away_team_id").replace(codes).alias("away_team_abbreviation"),
        (pl.col("game_id").str.slice(-1) == "2").alias("neutral_site"),
    )


def _impacts(seasons: tuple[int, ...], players: int) -> pl.DataFrame:
    """Estimates of most players on the first of three months a season."""
    rng = np.random.default_rng(5)
    rows = [
        (date(season + month // 12, month % 12 + 1, 1), f"p{i}", *(float(x) for x in rng.normal(0, 2, 2)))
        for season in seasons
        for month in (10, 11, 12)
        for i in range(players)
        if (i + month) % 7
    ]
    frame = pl.DataFrame(rows, schema=["estimate_date", "player_id", "impact_off_per_100", "impact_def_per_100"], orient="row")
    return frame.with_columns((pl.col("impact_off_per_100") + pl.col("impact_def_per_100")).alias("impact_per_100"))


def hand_history(
    games: Iterable[tuple[str, date, str, str]],
    box: Iterable[Mapping[str, Any]] = (),
    lists: Iterable[Mapping[str, Any]] = (),
    heights: Mapping[str, float] | None = None,
) -> History:
    """A history from given games, box scores and lists.

    Args:
        games: game_id, date, home and away team.
        box: game_id, player_id, team_id, min (30 if not given), starter (1), start_position (None), and any counts of `TOPS`, fg2m, fg3m,
            ftm; 0 if not given.
        lists: game_id, player_id, team_id, status ("active"), starter (None), source ("active_list").
        heights: inches by player: positions are derived from it where no player started often enough.
    """
    known = {g[0]: g for g in games}
    rows = []
    for line in box:
        game_id, day, home, away = known[line["game_id"]]
        other = away if line["team_id"] == home else home
        counts = {c: int(line.get(c, 0)) for c in (*TOPS, "fg2m", "fg3m", "ftm")}
        rows.append((season_of(day), game_id, day, line["team_id"], other, int(line["team_id"] == home), line["player_id"],
                     line.get("min", 30), line.get("starter", 1), line.get("start_position"), counts))  # fmt: skip
    listed = [
        (season_of(known[x["game_id"]][1]), x["game_id"], x["player_id"], x["team_id"], known[x["game_id"]][1], x.get("status", "active"),
         x.get("starter"), x.get("source", "active_list"))
        for x in lists
    ]  # fmt: skip
    empty = random_history(teams=2, players=5, rounds=1, seasons=(2021,))
    seasons = sorted({season_of(g[1]) for g in known.values()})
    player_game = _player_game(rows) if rows else empty.player_game.clear()
    bios = [(s, p, h) for s in seasons for p, h in (heights or {}).items()]
    schema = TABLES["bronze.player_bio"].schema
    bio = pl.DataFrame(bios, schema=["season", "player_id", "height_inches"], orient="row")
    return replace(
        empty,
        game=with_sides(pl.DataFrame(
            [(season_of(day), game_id, day, datetime(day.year, day.month, day.day, 17, tzinfo=UTC), home, away)
             for game_id, day, home, away in known.values()],
            schema=dict(list(empty.game.schema.items())[:6]),
            orient="row",
        )),
        player_impact=empty.player_impact.clear(),
        player_game=player_game,
        team_game=_team_game(player_game) if rows else empty.team_game.clear(),
        tracking_game=empty.tracking_game.clear(),
        tracking_season=empty.tracking_season.clear(),
        player_bio=bio.select(pl.col(c).cast(t) if c in bio.columns else pl.lit(None, t).alias(c) for c, t in schema.items()),
        availability=pl.DataFrame(
            listed, schema={c: t for c, t in empty.availability.schema.items() if c != "play_prob_prior"}, orient="row"
        ).with_columns(pl.when(pl.col("status") == "active").then(0.82).otherwise(0.0).alias("play_prob_prior")),
    )  # fmt: skip


def all_features(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """All features of the candidates of `games`."""
    return joined({family.table: family.build(history, games) for family in FAMILIES}, games)


def joined(forms: Mapping[str, pl.DataFrame], games: pl.DataFrame) -> pl.DataFrame:
    """Features of the candidates of `games` from the form tables by name, with lines that do not depend on outcomes."""
    lines = {"as_of": "close", "spread_home": -3.5, "total": 220.0, "home_itt": 111.75, "away_itt": 108.25}
    return player_features(forms, games.select("game_id", *(pl.lit(value).alias(name) for name, value in lines.items())), games)


def poisoned(history: History, day: date) -> History:
    """`history` with absurd outcomes at and after `day`: every count and season total 10,000, every start position C."""
    late = pl.col("game_date") >= day

    def spoil(frame: pl.DataFrame) -> pl.DataFrame:
        keep = {"season", "game_id", "game_date", "team_id", "opponent_id", "player_id", "player_name", "home_flag"}
        numbers = [c for c, t in frame.schema.items() if t.is_numeric() and c not in keep]
        wide = frame.with_columns(pl.col(c).cast(pl.Int64) for c in numbers if frame.schema[c] == pl.Int8)
        spoilt = wide.with_columns(pl.when(late).then(10_000).otherwise(pl.col(c)).cast(wide.schema[c]).alias(c) for c in numbers)
        if "start_position" in frame.columns:
            spoilt = spoilt.with_columns(pl.when(late).then(pl.lit("C")).otherwise("start_position").alias("start_position"))
        return spoilt

    running = pl.col("season") >= season_of(day)
    totals = [c for c in history.tracking_season.columns if c not in ("season", "player_id")]
    later = pl.col("estimate_date") > day  # estimates of the day itself use only games before it
    impacts = [c for c in history.player_impact.columns if c.startswith("impact_")]
    return replace(
        history,
        player_impact=history.player_impact.with_columns(pl.when(later).then(1000.0).otherwise(pl.col(c)).alias(c) for c in impacts),
        player_game=spoil(history.player_game),
        team_game=spoil(history.team_game),
        tracking_game=spoil(history.tracking_game),
        tracking_season=history.tracking_season.with_columns(
            pl.when(running).then(10_000.0).otherwise(pl.col(c)).alias(c) for c in totals
        ),  # a season's totals include games after `day`
    )


def _player_game(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    keys = ["season", "game_id", "game_date", "team_id", "opponent_id", "home_flag", "player_id", "min", "starter", "start_position", "c"]
    frame = pl.DataFrame(rows, schema=keys, orient="row").unnest("c")
    return (
        frame.with_columns(
            player_name=pl.col("player_id"),
            minutes=pl.col("min").cast(pl.Float64),
            minutes_source=pl.lit("log"),
            seconds=pl.col("min") * 60,
            played=pl.lit(1),
            fga=pl.col("fga2") + pl.col("fga3"),
            fgm=pl.col("fg2m") + pl.col("fg3m"),
            reb=pl.col("oreb") + pl.col("dreb"),
            pts=2 * pl.col("fg2m") + 3 * pl.col("fg3m") + pl.col("ftm"),
            plus_minus=pl.lit(0),
            pts_paint=pl.when(pl.col("fga2") % 5 > 0).then(pl.col("fg2m") // 2 * 2),  # not published for some games
        )
        .select(pl.col(c).cast(t) for c, t in TABLES["silver.player_game"].schema.items())
        .sort(TABLES["silver.player_game"].key)
    )


def _team_game(player_game: pl.DataFrame) -> pl.DataFrame:
    counts = [
        "fga2",
        "fg2m",
        "fga3",
        "fg3m",
        "fga",
        "fgm",
        "fta",
        "ftm",
        "oreb",
        "dreb",
        "reb",
        "ast",
        "stl",
        "blk",
        "tov",
        "pf",
        "pts",
        "plus_minus",
    ]
    key = ["season", "game_id", "game_date", "team_id", "opponent_id", "home_flag"]
    team = player_game.group_by(key).agg(pl.col(c).sum() for c in counts)
    other = team.select("game_id", pl.col("team_id").alias("opponent_id"), pl.col("pts").alias("opp_pts"))
    return (
        team.join(other, on=["game_id", "opponent_id"])
        .with_columns(overtimes=pl.lit(0), seconds=pl.lit(14_400), possessions=pl.lit(100.0))
        .select(pl.col(c).cast(t) for c, t in TABLES["silver.team_game"].schema.items())
        .sort(TABLES["silver.team_game"].key)
    )


def _bios(seasons: tuple[int, ...], players: int) -> pl.DataFrame:
    rows = [
        (s, f"p{i}", 72.0 + i % 14, 180.0 + i, 25.0 + k, None, ("G", "F", "C", "G-F", "F-C", None)[(i + k) % 6])
        for k, s in enumerate(seasons)
        for i in range(k, players, 2 + k)
    ]
    names = ["season", "player_id", "height_inches", "weight_lbs", "age_years", "birth_date", "position_listed"]
    frame = pl.DataFrame(rows, schema=names, orient="row", schema_overrides={"birth_date": pl.Date})
    spec = TABLES["bronze.player_bio"].schema
    return frame.select(*(pl.col(c).cast(t) if c in names else pl.lit(None, t).alias(c) for c, t in spec.items()))
