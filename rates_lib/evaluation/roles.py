"""Roles in figures, a page and a picture: stability from month to month, counts per 36 minutes, and the players of each role.

Belongs here: measurements of the finished estimates in gold.player_role. Does not belong here: the estimates (`features/player_role.py`).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.errors import RatesError
from rates_lib.core.player_names import matching
from rates_lib.core.stats import labels_of
from rates_lib.evaluation.reports.tables import prose
from rates_lib.lake import Lake
from rates_lib.schemas.columns import ROLES

# well-known players of all types, chosen before their roles were looked up
KNOWN = (
    "Luka Dončić", "Nikola Jokić", "Giannis Antetokounmpo", "Stephen Curry", "Devin Booker", "Tyrese Haliburton", "Draymond Green",
    "Klay Thompson", "Dorian Finney-Smith", "Josh Hart", "Myles Turner", "Rudy Gobert",
)  # fmt: skip
REGULAR_MINUTES = 200.0  # decayed: about ten games of twenty minutes
_NAMED = 8
_PER_36 = labels_of(("fga", "fga3", "fta", "ast", "tov", "oreb", "dreb", "stl", "blk", "pts"))

_HEAD = """Written by `rates roles --seasons {years} --output docs/roles.md`, from `gold.player_role`, `gold.play_style` and silver
tables. An estimate rests only on games before its date: that of the season's first game, and the first of each later month. Roles
keep their names because each estimate starts from the centres of the one before. The centres that the very first estimate starts
from were read off k-means with nine clusters in January 2020 and January 2022; January 2024 has the same nine. 2024-25 was not
looked at before this page was written."""


def adjusted_rand(one: Sequence[str], other: Sequence[str]) -> float:
    """Adjusted Rand index of two labellings of the same things (Hubert & Arabie 1985): 1 the same, 0 no better than chance."""
    table = pl.DataFrame({"one": one, "other": other}).group_by("one", "other").len()
    pairs = [table["len"], table.group_by("one").agg(pl.col("len").sum())["len"], table.group_by("other").agg(pl.col("len").sum())["len"]]
    both, a, b = (float((n.cast(pl.Float64) * (n - 1) / 2).sum()) for n in pairs)
    everything = len(one) * (len(one) - 1) / 2
    chance = a * b / everything if everything else 0.0
    most = (a + b) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def stability(players: pl.DataFrame) -> pl.DataFrame:
    """Agreement of each estimate with the next one of the same season.

    Args:
        players: rows of gold.player_role.

    Returns:
        season, estimate_date, next_date, kind (all, or regular: role_minutes of at least REGULAR_MINUTES at both), players (in both),
        adjusted_rand, same_role (share); sorted.
    """
    rows = []
    for season, before, after in _months(players):
        both = before.join(after, on="player_id", suffix="_next")
        regular = pl.min_horizontal("role_minutes", "role_minutes_next") >= REGULAR_MINUTES
        for kind, chosen in (("all", both), ("regular", both.filter(regular))):
            if chosen.height > 1:
                roles = chosen["player_role"].to_list(), chosen["player_role_next"].to_list()
                same = sum(x == y for x, y in zip(*roles, strict=True)) / chosen.height
                dates = before["estimate_date"][0], after["estimate_date"][0]
                rows.append((season, *dates, kind, chosen.height, adjusted_rand(*roles), same))
    schema = {"season": pl.Int64, "estimate_date": pl.Date, "next_date": pl.Date, "kind": pl.String, "players": pl.Int64,
              "adjusted_rand": pl.Float64, "same_role": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("season", "estimate_date", "kind")


def by_season(steady: pl.DataFrame) -> pl.DataFrame:
    """Means and worst months of `stability`: season, kind, months, players (mean), adjusted_rand, adjusted_rand_min, same_role."""
    return (
        steady.group_by("season", "kind")
        .agg(
            pl.len().alias("months"),
            pl.col("players").mean(),
            pl.col("adjusted_rand").mean(),
            pl.col("adjusted_rand").min().alias("adjusted_rand_min"),
            pl.col("same_role").mean(),
        )
        .sort("season", "kind")
    )


def on_the_floor(style: pl.DataFrame, player_game: pl.DataFrame) -> pl.DataFrame:
    """Outcomes per 36 minutes of each role's players, in the games for which they had the role.

    Args:
        style: rows of gold.play_style.
        player_game: silver.player_game of the same games.

    Returns:
        player_role, share of all minutes, and counts per 36 minutes, in the order of ROLES.
    """
    rows = style.drop_nulls("player_role").join(player_game.filter(pl.col("min") > 0), on=["game_id", "player_id"])
    minutes = rows["seconds"].sum() / 60
    totals = rows.group_by("player_role").agg(pl.col("seconds").sum(), *(pl.col(c).sum() for c in _PER_36.values()))
    per_36 = [(36 * 60 * pl.col(c) / pl.col("seconds")).alias(name) for name, c in _PER_36.items()]
    counts = totals.select("player_role", (pl.col("seconds") / 60 / minutes).alias("share"), *per_36)
    return counts.sort(pl.col("player_role").cast(pl.Enum(ROLES)))


def transitions(players: pl.DataFrame) -> NDArray[np.float64]:
    """Share of a role's regulars (row) with each role at the next estimate (column); (roles, roles), zeros for a role without regulars."""
    counts = np.zeros((len(ROLES), len(ROLES)))
    for _, before, after in _months(players):
        both = before.join(after, on="player_id", suffix="_next").filter(
            pl.min_horizontal("role_minutes", "role_minutes_next") >= REGULAR_MINUTES
        )
        for one, other in both.select("player_role", "player_role_next").iter_rows():
            counts[ROLES.index(one), ROLES.index(other)] += 1
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def picture(players: pl.DataFrame) -> str:
    """`transitions` as a picture: a data URL of a PNG, the same bytes for the same rows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an import of half a second, needed only here
    from matplotlib.figure import Figure  # noqa: PLC0415

    shares = transitions(players)
    figure = Figure(figsize=(6.4, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(shares.shape):
        if shares[i, j] >= 0.005:
            axes.text(
                j, i, f"{100 * shares[i, j]:.0f}", ha="center", va="center", color="white" if shares[i, j] > 0.5 else "black", fontsize=8
            )
    axes.set_xticks(range(len(ROLES)), ROLES, rotation=40, ha="right")
    axes.set_yticks(range(len(ROLES)), ROLES)
    axes.set_title("% of regulars by role (row) and role a month later (column)", fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def journey(players: pl.DataFrame, names: dict[str, str], wanted: Sequence[str] = KNOWN) -> pl.DataFrame:
    """Roles of some players in a season.

    Args:
        players: rows of gold.player_role of one season.
        names: player_id to name.
        wanted: names or ids; one that matches no player or several is left out.

    Returns:
        player_name, player_role (the most frequent, the latest of equals), estimates (number with that role), of (number of all estimates),
        prob (mean probability of that role), next_role and next_prob (the second role by mean probability), in the order of `wanted`.
    """
    rows = []
    for text in wanted:
        matches = matching(text, names)
        own = players.filter(pl.col("player_id") == matches[0]).sort("estimate_date") if len(matches) == 1 else players.clear()
        if own.is_empty():
            continue
        roles = own["player_role"].to_list()
        role = max(roles, key=lambda r: (roles.count(r), len(roles) - roles[::-1].index(r)))
        mean = {r: float(np.mean(own[f"role_prob_{r}"].to_numpy())) for r in ROLES}
        second = max((r for r in ROLES if r != role), key=lambda r: mean[r])
        rows.append((names[matches[0]], role, roles.count(role), len(roles), mean[role], second, mean[second]))
    schema = {"player_name": pl.String, "player_role": pl.String, "estimates": pl.Int64, "of": pl.Int64, "prob": pl.Float64,
              "next_role": pl.String, "next_prob": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def members(players: pl.DataFrame, names: dict[str, str]) -> dict[str, tuple[int, list[str]]]:
    """By role the number of regulars at the last estimate, and the names of those with the most minutes."""
    last = players.filter((pl.col("estimate_date") == players["estimate_date"].max()) & (pl.col("role_minutes") >= REGULAR_MINUTES))
    by_role = {}
    for role in ROLES:
        of_role = last.filter(pl.col("player_role") == role).sort("role_minutes", "player_id", descending=[True, False])
        by_role[role] = of_role.height, [names.get(i, i) for i in of_role["player_id"].head(_NAMED)]
    return by_role


def roles_of_season(lake: Lake, season: int) -> tuple[pl.DataFrame, dict[str, str]]:
    """Rows of gold.player_role of a season, and the names of its players.

    Raises:
        RatesError: if the season has no estimate.
    """
    players = lake.read("gold.player_role", [season])
    if players.is_empty():
        raise RatesError(f"gold.player_role has no estimate of season {season}: run `rates backfill --seasons {season} --through forms`")
    known = lake.read(
        "silver.player_game",
        [s for s in lake.partitions("silver.player_game") if int(s) <= season],
        ["game_date", "player_id", "player_name"],
    )
    newest = known.drop_nulls().sort("game_date", "player_id").unique("player_id", keep="last", maintain_order=True)
    return players, dict(newest.select("player_id", "player_name").iter_rows())


def roles_page(lake: Lake, seasons: Sequence[int]) -> str:
    """Text of docs/roles.md: stability in all seasons, then counts and players of each role in the requested seasons.

    Raises:
        RatesError: if a season has no estimate.
    """
    years = f"{seasons[0]}..{seasons[-1]}" if len(seasons) > 1 else str(seasons[0])
    head = prose(_HEAD.format(years=years))
    parts = ["# Roles", head, "## Stability from month to month", *_stability_text(by_season(stability(lake.read("gold.player_role"))))]
    for season in seasons:
        players, names = roles_of_season(lake, season)
        floor = on_the_floor(lake.read("gold.play_style", [season]), lake.read("silver.player_game", [season]))
        parts += [
            f"## {_label(season)}",
            *_known_text(journey(players, names)),
            *_members_text(members(players, names)),
            *_floor_text(floor),
        ]
    return "\n\n".join(parts) + "\n"


def _months(players: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame, pl.DataFrame]]:
    """Each estimate and the next of the same season."""
    columns = ("season", "estimate_date", "player_id", "player_role", "role_minutes")
    for (season,), rows in players.select(columns).sort("season", "estimate_date").group_by("season", maintain_order=True):
        dates = rows["estimate_date"].unique().sort()
        for one, other in pairwise(dates):
            yield int(str(season)), rows.filter(pl.col("estimate_date") == one), rows.filter(pl.col("estimate_date") == other)


def _stability_text(steady: pl.DataFrame) -> list[str]:
    text = (
        "ARI is the adjusted Rand index between an estimate and the next one, over players present in both: 1 means the same "
        "grouping, 0 no more agreement than by chance. *Regulars* have at least "
        f"{REGULAR_MINUTES:.0f} decayed minutes at both. Figures are means over the months of a season; *worst* is the lowest month."
    )
    wide = {kind: steady.filter(pl.col("kind") == kind) for kind in ("all", "regular")}
    rows = []
    for all_, regular in zip(wide["all"].iter_rows(named=True), wide["regular"].iter_rows(named=True), strict=True):
        cells = [_label(all_["season"]), str(all_["months"])]
        for row in (all_, regular):
            cells += [f"{row['players']:.0f}", f"{row['adjusted_rand']:.3f}", f"{row['adjusted_rand_min']:.3f}", f"{row['same_role']:.1%}"]
        rows.append(cells)
    heads = ["season", "steps", "players", "ARI", "worst", "same role", "regulars", "ARI", "worst", "same role"]
    return [prose(text), _markdown(heads, rows)]


def _known_text(known: pl.DataFrame) -> list[str]:
    if known.is_empty():
        return []
    rows = [
        [r["player_name"], r["player_role"], f"{r['estimates']} of {r['of']}", f"{r['prob']:.2f}", f"{r['next_role']} {r['next_prob']:.2f}"]
        for r in known.iter_rows(named=True)
    ]
    text = "Well-known players: the most frequent role, the number of estimates with that role, its mean probability, and the second role."
    return [prose(text), _markdown(["player", "role", "estimates", "probability", "next"], rows)]


def _members_text(by_role: dict[str, tuple[int, list[str]]]) -> list[str]:
    rows = [[role, str(count), ", ".join(names)] for role, (count, names) in by_role.items()]
    return [
        "Regulars of each role at the season's last estimate; those with the most recent minutes are named.",
        _markdown(["role", "regulars", "among them"], rows),
    ]


def _floor_text(floor: pl.DataFrame) -> list[str]:
    rows = [[r["player_role"], f"{r['share']:.0%}", *(f"{r[name]:.1f}" for name in _PER_36)] for r in floor.iter_rows(named=True)]
    return [
        "Mean counts per 36 minutes in the games for which players had the role (outcomes, not features).",
        _markdown(["role", "minutes", *_PER_36], rows),
    ]


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join("---" for _ in heads) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _label(season: int) -> str:
    return f"{season}-{(season + 1) % 100:02d}"
