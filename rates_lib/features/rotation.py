"""gold.rotation: minutes of team-mates who are available, absent or returning, weighted by nearness of position.

Each player counts with `minutes_prior` (or the blind one) x min(1, that / 12), because players with few minutes are often not used at all.
Players who are out (status out, doubtful or inactive, or a member of the last 30 days whom a full list does not name) count as absent, and
as *freshly* absent by .5 ** (team's games missed / 3), because an absence of a month is already in the recent minutes of the others.
Nearness of positions: 1 for the same, .6, .3, .1 and 0 for one to four steps between PG, SG, SF, PF, C.

Belongs here: minutes and counts of team-mates by status. Does not belong here: the expected line-up (`models/lineup.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.features.history import History
from rates_lib.features.minutes_form import add_minutes_form, add_missed, blind_prior
from rates_lib.features.played import played
from rates_lib.features.positions import add_positions
from rates_lib.features.roster import OUT_STATUSES, candidates, team_sources
from rates_lib.schemas.columns import POSITIONS
from rates_lib.schemas.tables import TABLES

NEARNESS = (1.0, 0.6, 0.3, 0.1, 0.0)
MEMBER_DAYS = 30
FULL_MINUTES = 12.0
FRESH_GAMES = 3.0
LEAST_TEAM_MINUTES = 120.0
HALF_LIVES = (3, 10)
_TEAM = ["game_id", "team_id"]
_DECAYED = ("over_share", "over_share_blind", "absent_minutes_near", "mates_minutes_blind_team", "mates_count_team")


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Rotation context of the candidates of `games`: gold.rotation rows, sorted by season, game_id, player_id."""
    seasons = games["season"].unique().to_list()
    # minutes over the share are decayed over this season's earlier games, so their context is needed as well
    earlier = history.game.filter(pl.col("season").is_in(seasons) & (pl.col("game_date") < games["game_date"].max()))
    everything = pl.concat([earlier, games.select(earlier.columns)]).unique("game_id", keep="first").sort("game_id")
    rows = _with_decays(_context(history, everything), history)
    rows = rows.join(games.select("game_id"), on="game_id", how="semi", maintain_order="left")
    return rows.select(TABLES["gold.rotation"].columns).sort("season", "game_id", "player_id")


def absent_members(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Players who are out of `games`: candidates with such a status, and recent members whom a full list does not name.

    Returns:
        season, game_id, game_date, team_id, player_id, position_primary, minutes_prior_blind, team_games_missed; sorted by key.
    """
    return _absent(history, games, candidates(history, games))


def _absent(history: History, games: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    key = ["season", "game_id", "game_date", "team_id", "player_id"]
    sides = team_sources(history, games)
    full = sides.filter(pl.col("availability_source").is_in(["active_list", "proxy"]))
    named = listed.filter(pl.col("foreseen_flag") == 1).select("game_id", "player_id")
    unnamed = asof.recent_members(full, history.appearances(), MEMBER_DAYS).join(named, on=["game_id", "player_id"], how="anti")
    rows = pl.concat([listed.filter(pl.col("status").is_in(OUT_STATUSES)).select(key), unnamed.select(key)]).sort(key)
    rows = add_positions(rows, history).select(*key, "position_primary")
    rows = rows.with_columns(blind_prior(rows, history))
    players = played(history).join(rows.select("player_id").unique(), on="player_id", how="semi")
    return add_missed(rows, players, history).drop("new_team_flag").sort(key)


def nearby(column: str, over: list[str]) -> pl.Expr:
    """Sum of `column` over the group, each row weighted by the nearness of its position to this row's; needs position_index."""
    mine = pl.col("position_index")
    sums = [(pl.col(column) * (mine == p)).sum().over(over) for p in range(len(POSITIONS))]
    total = pl.lit(0.0)
    for i in range(len(POSITIONS)):
        near = sum((NEARNESS[abs(i - j)] * sums[j] for j in range(len(POSITIONS))), start=pl.lit(0.0))
        total = pl.when(mine == i).then(near).otherwise(total)
    return total


def position_index() -> pl.Expr:
    """0 for PG … 4 for C."""
    return pl.col("position_primary").replace_strict({p: i for i, p in enumerate(POSITIONS)}, return_dtype=pl.Int64)


def freshness() -> pl.Expr:
    """How fresh an absence is, from team_games_missed: 1 after none, half after three; 0 for players without a game for the team."""
    return (0.5 ** (pl.col("team_games_missed") / FRESH_GAMES)).fill_null(0.0)


def _counting(column: str) -> pl.Expr:
    return asof.exact(pl.col(column) * (pl.col(column) / FULL_MINUTES).clip(upper_bound=1.0))


def _context(history: History, games: pl.DataFrame) -> pl.DataFrame:
    listed = candidates(history, games)
    rows = add_minutes_form(add_positions(listed, history), history)
    here = pl.col("foreseen_flag").cast(pl.Boolean) & ~pl.col("status").is_in(OUT_STATUSES)
    own = rows.select(
        *_TEAM, "player_id", "position_primary", "minutes_prior", "minutes_prior_blind", "team_games_missed", here.alias("here")
    )
    absent = _absent(history, games, listed).with_columns(pl.lit(False).alias("here"), pl.lit(0.0).alias("minutes_prior"))
    out = absent.join(own.filter("here").select("game_id", "player_id"), on=["game_id", "player_id"], how="anti").select(own.columns)
    # listed absentees are among the candidates already
    out = out.join(own.select("game_id", "player_id"), on=["game_id", "player_id"], how="anti")
    # a player whom a full list omits counts as absent even if he appeared: no source named him before the game
    appeared = listed.filter(pl.col("foreseen_flag") == 0).join(absent, on=["game_id", "player_id"], how="anti")
    unforeseen = appeared.select("game_id", "player_id", pl.lit(True).alias("nobody_knew"))
    blind, fresh = _counting("minutes_prior_blind"), freshness()
    counted = {
        "mates_minutes": ("here", _counting("minutes_prior")),
        "mates_minutes_blind": ("here", blind),
        "absent_minutes": ("gone", blind),
        "fresh_absent_minutes": ("gone", asof.exact(blind * fresh)),
        "returning_minutes": ("here", asof.exact(blind * (1 - fresh))),
        "mates_count": ("here", asof.exact((pl.col("minutes_prior_blind") / FULL_MINUTES).clip(upper_bound=1.0))),
    }
    players = (
        pl.concat([own, out])
        .join(unforeseen, on=["game_id", "player_id"], how="left")
        .with_columns((~pl.col("here") & pl.col("nobody_knew").is_null()).alias("gone"))
        .with_columns(
            *(pl.when(group).then(minutes).otherwise(0.0).alias(kind) for kind, (group, minutes) in counted.items()),
            position_index().alias("position_index"),
        )
        .sort(*_TEAM, "player_id")
        .with_columns(
            *((pl.col(k).sum().over(_TEAM) - pl.col(k)).alias(f"{k}_team") for k in counted),
            *((nearby(k, _TEAM) - pl.col(k)).alias(f"{k}_near") for k in counted),
        )
    )
    columns = [f"{k}_{where}" for k in counted for where in ("team", "near")]
    rows = rows.join(
        players.select("game_id", "player_id", "here", "mates_minutes", "mates_minutes_blind", *columns),
        on=["game_id", "player_id"], how="left", maintain_order="left",
    )  # fmt: skip
    five = pl.col("is_starter") == 1
    regular = (pl.col("start_share_hl8").fill_null(0.0) > 0.5) & ~pl.col("here") & (pl.col("team_games_missed").fill_null(99) < 10)
    return rows.with_columns(
        _share("minutes_prior", "mates_minutes").alias("minutes_share"),
        _share("minutes_prior_blind", "mates_minutes_blind").alias("minutes_share_blind"),
        *(
            pl.when("here").then(pl.col(c)).rank("min", descending=True).over(_TEAM).cast(pl.Float64).alias(name)
            for c, name in (("minutes_prior", "minutes_rank"), ("minutes_prior_blind", "minutes_rank_blind"))
        ),
        pl.when(pl.col("is_starter").is_not_null())
        .then((asof.exact(pl.col("minutes_prior_blind")) * five.fill_null(False) * pl.col("foreseen_flag")).sum().over(_TEAM))
        .alias("starters_minutes_blind"),
        (regular & pl.col("foreseen_flag").cast(pl.Boolean)).cast(pl.Int64).sum().over(_TEAM).alias("regular_starters_out"),
    )


def _share(prior: str, kind: str) -> pl.Expr:
    team = (pl.col(f"{kind}_team") + pl.col(kind)).clip(lower_bound=LEAST_TEAM_MINUTES)
    return TEAM_MINUTES * pl.col(prior) / team


def _with_decays(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with decayed means of minutes over the share and of the context, over this season's earlier games."""
    minutes = history.appearances().select("game_id", "player_id", (pl.col("seconds") / 60).alias("_minutes"))
    past = rows.join(minutes, on=["game_id", "player_id"], how="inner").with_columns(
        (pl.col("_minutes") - pl.col("minutes_share")).alias("over_share"),
        (pl.col("_minutes") - pl.col("minutes_share_blind")).alias("over_share_blind"),
        pl.lit(1.0).alias("_one"),
    )
    totals = asof.decayed_totals(past, ["player_id"], [*_DECAYED, "_one"], HALF_LIVES, carry=0.0)
    sums = asof.decayed_before(rows, totals)
    games = sums[:, :, -1]
    columns = []
    for i, name in enumerate(_DECAYED):
        for h, half_life in enumerate(HALF_LIVES):
            shrink = 1.0 if name.startswith("over_share") else 0.0
            behind = games[:, h] + shrink
            mean = np.where(behind > 0, sums[:, h, i] / np.where(behind > 0, behind, 1.0), np.nan)
            columns.append(pl.Series(f"{name}_hl{half_life}", mean, nan_to_null=True))
    return rows.with_columns(columns)
