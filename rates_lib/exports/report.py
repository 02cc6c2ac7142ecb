"""The slate report: one self-contained HTML page and its picture.

Belongs here: layout and sentences of the report. Does not belong here: any computation beyond counting worlds for the picture. The page
loads no other resource, and the same frames give the same bytes (no clock, no version in the picture).
"""

from __future__ import annotations

import base64
import io
from datetime import datetime
from html import escape
from typing import Any

import numpy as np
import polars as pl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from rates_lib.core.calendar import EASTERN
from rates_lib.core.fantasy import SITES
from rates_lib.core.stats import EXPORTED, STATS, labels_of, of_kind
from rates_lib.models.consistency import mean_of
from rates_lib.pipeline.fallbacks import of_game

_COUNTS = labels_of(of_kind(EXPORTED, "count"))
_OWN_SENTENCE = ("no starters", "no list", "model of")  # missing inputs that have a sentence of their own
_INK, _AWAY, _HOME = "#1d2733", "#b4561f", "#1f5fa8"
_TOP = 4  # players a team in the picture
_MAX_POINTS = 50
_THUMBNAIL_WIDTH, _THUMBNAIL_COLOURS = 720, 48

_CSS = """
:root { color-scheme: light; --ink: #1d2733; --soft: #5b6774; --line: #dfe4ea; --away: #b4561f; --home: #1f5fa8; --note: #fff7e2; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 2.5rem 1.5rem 4rem; background: #fff; color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0; }
p { margin: .3rem 0; max-width: 46rem; }
.soft, figcaption, footer { color: var(--soft); }
nav { margin: 1.2rem 0 1.6rem; display: flex; flex-wrap: wrap; gap: .4rem .6rem; }
nav a { color: inherit; text-decoration: none; border: 1px solid var(--line); border-radius: 4px; padding: .15rem .6rem;
  font-variant-numeric: tabular-nums; }
nav a:hover { border-color: var(--soft); }
figure { margin: 1.5rem 0 0; }
figure img { width: 100%; height: auto; display: block; }
figcaption, footer { font-size: .87rem; max-width: 52rem; }
section { margin-top: 2.6rem; padding-top: 1.4rem; border-top: 2px solid var(--ink); }
.score { font-variant-numeric: tabular-nums; }
.notes { list-style: none; margin: .7rem 0 0; padding: .45rem .8rem; background: var(--note); border-left: 3px solid #e0b341; }
.scroll { overflow-x: auto; margin-top: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .26rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; font-size: .78rem; letter-spacing: .03em; vertical-align: bottom; }
th:first-child, td:first-child, th.text, td.text { text-align: left; }
tbody th { padding-top: 1rem; font-size: .95rem; border-bottom: 1px solid var(--ink); }
tbody tr:hover td { background: #f6f8fa; }
td:first-child { font-weight: 500; }
td.main { font-weight: 650; }
.away th { color: var(--away); } .home th { color: var(--home); }
.range { width: 11rem; min-width: 9rem; }
.bar { position: relative; display: block; height: .7rem; }
.bar i { position: absolute; top: .23rem; height: .24rem; border-radius: 2px; opacity: .38; }
.bar b { position: absolute; top: 0; width: 3px; margin-left: -1px; height: .7rem; border-radius: 1px; }
.away .bar i, .away .bar b { background: var(--away); } .home .bar i, .home .bar b { background: var(--home); }
tr.out td { color: var(--soft); font-weight: 400; white-space: normal; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
@media print { body { padding: 0; font-size: 11px; } nav { display: none; } section { break-inside: avoid; } }
"""


def notices(game: dict[str, Any], players: pl.DataFrame) -> list[str]:
    """Caveats of a game's projections, one sentence each.

    Args:
        game: row of silver.game.
        players: the game's rows of the exported projections.
    """
    notes = []
    if game["tipoff_assumed"]:
        notes.append("The time of tip-off is not known: noon Eastern is assumed.")
    known = players.filter(pl.col("is_starter") == 1)["team_abbreviation"].unique()
    unknown = [game[f"{s}_team_abbreviation"] for s in ("away", "home") if game[f"{s}_team_abbreviation"] not in known]
    if unknown:
        notes.append(f"Starters of {' and '.join(unknown)} unknown: no player is treated as announced.")
    sources = set(players["availability_source"])
    if "proxy" in sources:
        notes.append("No list of active players exists: players who appeared count as active, which flatters the projection.")
    if "none" in sources:
        notes.append("No availability was published by this time: all players of the rotation may play.")
    windows = players.filter("model_fallback")["model_window"].unique().sort()
    if len(windows):
        notes.append(f"Model of an earlier window: none was trained for {game['game_date']:%Y-%m}, that of {windows[0][:7]} stands in.")
    missing = [words for words in of_game(players) if not words.startswith(_OWN_SENTENCE)]
    if missing:
        notes.append(f"Fell back: {'; '.join(missing)}.")
    return notes


def render_page(games: pl.DataFrame, players: pl.DataFrame, game_summary: pl.DataFrame, picture: bytes, as_of_utc: datetime) -> str:
    """The page of one day.

    Args:
        games: rows of silver.game, at least one.
        players: `exports.player_predictions`.
        game_summary: rows of sims.game_summary.
        picture: PNG of `slate_picture`.
        as_of_utc: instant up to which published information was used.
    """
    game_date = games["game_date"][0]
    rows = games.sort("tipoff_utc", "game_id").to_dicts()
    summary = {row["game_id"]: row for row in game_summary.iter_rows(named=True)}
    top = max(30.0, float(players.select(pl.col("dk_points_world_p90").max()).item() or 0))
    sections = [_game(g, players.filter(pl.col("game_id") == g["game_id"]), summary.get(g["game_id"]), top) for g in rows]
    links = "".join(f'<a href="#g{escape(g["game_id"])}">{_title(g)}</a>' for g in rows)
    worlds = max((s["worlds"] for s in summary.values()), default=0)
    day = f"{game_date:%A} {game_date.day} {game_date:%B %Y}"
    runs = "".join(f"<br><code>{escape(run)}</code>" for run in players["model_run_id"].drop_nulls().unique().sort())
    encoded = base64.b64encode(picture).decode()
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slate report, {day}</title>
<style>{_CSS}</style>
</head>
<body>
<header>
<h1>Slate report, {day}</h1>
<p class="soft">{len(rows)} game{"s" * (len(rows) != 1)}, {worlds:,} simulated worlds each, from information published by
{_clock(as_of_utc)} ({as_of_utc:%Y-%m-%d %H:%M} UTC).</p>
<nav>{links}</nav>
</header>
<figure>
<img src="data:image/png;base64,{encoded}" alt="Simulated points of the leading scorers of each game">
<figcaption>Points over all worlds: the darker, the likelier; the tick marks the median.</figcaption>
</figure>
{"".join(sections)}
<footer>
<p><b>Reading the tables.</b> MIN is the median with the 10 and 90 % quantiles, if the player plays. The counts and DK are means that
include the chance that the player does not play; they add up over a team of 240 minutes. DK: DraftKings points ({_weights("dk")}) without
bonuses; the bar spans the 10 to 90 % quantiles of the worlds, 0 to {top:.0f} points, the tick is their median. <i>Fell back</i> names
missing inputs; a new player has no game of this or last season.</p>
<p><b>Models.</b>{runs}</p>
</footer>
</body>
</html>
"""


def _title(game: dict[str, Any]) -> str:
    link = "vs" if game["neutral_site"] else "at"
    return f"{escape(game['away_team_abbreviation'])} {link} {escape(game['home_team_abbreviation'])}"


def _weights(site: str) -> str:
    return ", ".join(f"{weight:g} {STATS[stat].label}" for stat, weight in SITES[site].points.items()).replace("-", "&minus;")


def _clock(instant: datetime) -> str:
    local = instant.astimezone(EASTERN)
    return f"{local.day} {local:%b %Y}, {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'} Eastern"


def _game(game: dict[str, Any], players: pl.DataFrame, summary: dict[str, Any] | None, top: float) -> str:
    score = ""
    if summary:
        home = (summary["total_mean"] + summary["margin_mean"]) / 2
        away = summary["total_mean"] - home
        score = (
            f'<p class="score">{escape(game["away_team_abbreviation"])} {away:.1f}, {escape(game["home_team_abbreviation"])} {home:.1f}'
            f" &middot; {escape(game['home_team_abbreviation'])} wins {summary['home_win_prob']:.0%}"
            f" &middot; total {summary['total_mean']:.1f} ({summary['total_p10']:.0f} to {summary['total_p90']:.0f})</p>"
        )
    time = "time unknown" if game["tipoff_assumed"] else _clock(game["tipoff_utc"])
    sources = ", ".join(s.replace("_", " ") for s in players["availability_source"].unique().sort())
    notes = "".join(f"<li>{escape(n)}</li>" for n in notices(game, players))
    heads = "".join(f"<th>{label}</th>" for label in _COUNTS)
    teams = "".join(_team(players.filter(pl.col("home_flag") == flag), side, top) for flag, side in ((0, "away"), (1, "home")))
    return f"""
<section id="g{escape(game["game_id"])}">
<h2>{_title(game)}</h2>
<p class="soft">{time} &middot; game {escape(game["game_id"])} &middot; availability: {escape(sources)}</p>
{score}{f'<ul class="notes">{notes}</ul>' if notes else ""}
<div class="scroll"><table>
<thead><tr><th>Player</th><th class="text">Status</th><th>Plays</th><th>MIN</th><th>10&ndash;90 %</th>{heads}<th>DK</th>
<th class="text range">DK, 10 to 90 %</th></tr></thead>
{teams}
</table></div>
</section>
"""


def _team(players: pl.DataFrame, side: str, top: float) -> str:
    if players.is_empty():
        return ""
    lines = [f'<tr><th colspan="{7 + len(_COUNTS)}">{escape(players["team_abbreviation"][0])}</th></tr>']
    for row in players.filter(pl.col("play_prob") > 0).iter_rows(named=True):
        counts = "".join(f"<td{' class=main' * (name == 'pts')}>{mean_of(row, name):.1f}</td>" for name in _COUNTS.values())
        lines.append(
            f'<tr><td>{escape(row["player_name"] or row["player_id"])}</td><td class="text">{_status(row)}</td>'
            f"<td>{row['play_prob']:.0%}</td><td class=main>{row['minutes_p50']:.0f}</td>"
            f"<td>{row['minutes_p10']:.0f}&ndash;{row['minutes_p90']:.0f}</td>{counts}<td class=main>{mean_of(row, 'dk_points'):.1f}</td>"
            f'<td class="range">{_bar(row, top)}</td></tr>'
        )
    out = players.filter(pl.col("play_prob") == 0).sort("player_name", "player_id")
    if out.height:
        names = ", ".join(f"{escape(r['player_name'] or r['player_id'])} ({r['status']})" for r in out.iter_rows(named=True))
        lines.append(f'<tr class="out"><td colspan="{7 + len(_COUNTS)}">Does not play: {names}</td></tr>')
    return f'<tbody class="{side}">\n' + "\n".join(lines) + "\n</tbody>\n"


def _status(row: dict[str, Any]) -> str:
    return "starter" if row["is_starter"] == 1 and row["status"] in {"active", "unknown"} else str(row["status"])


def _bar(row: dict[str, Any], top: float) -> str:
    low, middle, high = (row[f"dk_points_world_{q}"] for q in ("p10", "p50", "p90"))
    if low is None:
        return ""
    start, tick, end = (100 * min(max(v, 0.0), top) / top for v in (low, middle, high))
    return (
        f'<span class="bar" title="{low:.1f} / {middle:.1f} / {high:.1f}"><i style="left:{start:.1f}%;width:{end - start:.1f}%"></i>'
        f'<b style="left:{tick:.1f}%"></b></span>'
    )


def slate_picture(players: pl.DataFrame, worlds: pl.DataFrame) -> bytes:
    """PNG of the leading scorers' simulated points, a panel per game.

    Args:
        players: `exports.player_predictions`.
        worlds: rows of sims.worlds.
    """
    games = players.partition_by("game_id", maintain_order=True)
    columns = min(2, len(games))
    lines = -(-len(games) // columns)
    figure = Figure(figsize=(6.2 * columns, 2.75 * lines), layout=ConstrainedLayoutEngine(hspace=0.08))
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, columns, squeeze=False, sharex=True).ravel()
    for axis, rows in zip(axes, games, strict=False):
        shown = (
            rows.filter(pl.col("play_prob") > 0)
            .sort("pts_mean", "player_id", descending=[True, False])
            .group_by("home_flag", maintain_order=True)
            .head(_TOP)
            .sort("home_flag", maintain_order=True)
        )
        _panel(axis, shown, worlds.filter(pl.col("game_id") == rows["game_id"][0]))
    for axis in axes[len(games) :]:
        axis.set_visible(False)
    for axis in axes[max(0, len(games) - columns) : len(games)]:
        axis.set_xlabel("points", color=_INK)
        axis.tick_params(labelbottom=True)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()


def thumbnail(picture: bytes) -> str:
    """A PNG in few pixels and colours, as a data URL: tens of kilobytes, where a picture is stored with every run."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((_THUMBNAIL_WIDTH, 4 * _THUMBNAIL_WIDTH), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.quantize(_THUMBNAIL_COLOURS).save(buffer, format="png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _panel(axis: Any, shown: pl.DataFrame, worlds: pl.DataFrame) -> None:
    n = int(worlds["world"].to_numpy().max()) + 1 if worlds.height else 1
    for i, row in enumerate(shown.iter_rows(named=True)):
        points = worlds.filter(pl.col("player_id") == row["player_id"])["pts"].to_numpy()
        share = np.bincount(np.minimum(points, _MAX_POINTS), minlength=_MAX_POINTS + 1) / n
        colour = _HOME if row["home_flag"] else _AWAY
        shades = LinearSegmentedColormap.from_list("shades", ["#ffffff", colour])
        extent = (-0.5, _MAX_POINTS + 0.5, i + 0.36, i - 0.36)
        axis.imshow(share[None, :], cmap=shades, vmin=0, vmax=max(share.max(), 1e-9), aspect="auto", extent=extent)
        axis.vlines(row["pts_world_p50"], i - 0.36, i + 0.36, color=_INK, linewidth=1.6)
        axis.text(_MAX_POINTS + 1.2, i, f"{mean_of(row, 'pts'):.1f}", va="center", fontsize=8.5, color=_INK)
    teams = shown["team_abbreviation"].unique(maintain_order=True)
    axis.set_title(" at ".join(teams), loc="left", fontsize=11, fontweight="bold", color=_INK)
    axis.set_yticks(range(shown.height), [f"{(name or '?')[:22]}" for name in shown["player_name"]], fontsize=8.5)
    for label, home in zip(axis.get_yticklabels(), shown["home_flag"], strict=True):
        label.set_color(_HOME if home else _AWAY)
    axis.set_xlim(-0.5, _MAX_POINTS + 0.5)
    axis.set_ylim(shown.height - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelsize=8.5, colors=_INK, color="#9aa5b1")
    for spine in axis.spines.values():
        spine.set_visible(False)
