"""Output of `rates explain` on the screen."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rates_assets.cli.views.fitted import Column, print_fitted
from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.core.calendar import EASTERN
from rates_lib.core.stats import STATS, labels_of
from rates_lib.questions.explain.accounts import MINUTES, PLAY_PROB, Account, GroupEffect
from rates_lib.questions.explain.answer import Explanation
from rates_lib.questions.explain.circumstances import NOT_LISTED, Absent
from rates_lib.questions.explain.games import GameLine
from rates_lib.questions.explain.words import PERCENTAGE_LABELS, in_words

_SHOWN = {PLAY_PROB: 3}  # groups with a line each; the others share one
_MOST = 7
_OUT_SHOWN = 8
_LEAST = 5e-4  # a smaller change by bounds is not shown
_SHOTS = {"fg2_pct": ("2P", "fg2m", "fga2"), "fg3_pct": ("3P", "fg3m", "fga3"), "ft_pct": ("FT", "ftm", "fta")}


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Circumstances, one table per prediction, the last games, and separately the result."""
    versus = "vs" if explanation.home else "@"
    tipoff = f"{explanation.tipoff_utc.astimezone(EASTERN):%H:%M} Eastern{' (assumed)' if explanation.tipoff_assumed else ''}"
    game = f"{explanation.team} {versus} {explanation.opponent}, {explanation.game_date}, {tipoff}"
    console.print(f"[bold]{escape(explanation.player_name)}[/], {game}", highlight=False)
    console.print(_table(_circumstances(explanation)))
    for account in explanation.accounts:
        console.print()
        console.print(f"[bold]{_headline(account, explanation)}[/]", highlight=False)
        console.print(_account(account))
        if account.target == PLAY_PROB:
            console.print(_reconciled(explanation), highlight=False)
    targets = [a.target for a in explanation.accounts if a.target not in (MINUTES, PLAY_PROB)]
    console.print()
    console.print("[bold]last games[/]")
    if explanation.last_games:
        _print_games(console, explanation.last_games, targets)
    else:
        console.print("none")
    if explanation.outcome:
        console.print()
        console.rule("what happened", align="left", style="dim")
        console.print(f"{explanation.outcome.away_pts}-{explanation.outcome.home_pts} (away-home)", highlight=False)
        if explanation.outcome.line:
            _print_games(console, [explanation.outcome.line], targets)
        else:
            console.print("the player did not play", highlight=False)


def _circumstances(explanation: Explanation) -> list[tuple[str, str]]:
    known = explanation.inputs
    five = {True: "announced as a starter", False: "not in the announced five", None: "no five announced"}[known.starter_announced]
    lines = [("spread_close", known.spread), ("total_close", known.total), ("team_itt", known.team_total)]
    rows = [
        ("status", f"{known.status}{f' ({known.reason})' if known.reason else ''}, {five}; source: {known.availability_source}"),
        ("lines", "none" if known.total is None and known.spread is None else ", ".join(in_words(*line) for line in lines)),
        ("plays", f"{known.position}, {in_words('days_rest', float(known.days_rest))}"),
        ("out", _absent(known.out)),
        ("as of", f"{explanation.as_of_utc:%Y-%m-%d %H:%M} UTC; features from {known.features_from}"),
        ("models", ", ".join(explanation.runs.values())),
    ]
    return [*rows, ("fell back", known.fell_back_on)] if known.fell_back_on else rows


def _absent(out: Sequence[Absent]) -> str:
    def one(player: Absent) -> str:
        minutes = f"{player.minutes:.0f} min" if player.last_game else "never played"
        missed = f", missed {player.games_missed} game{'s' * (player.games_missed > 1)}" if player.games_missed else ""
        status = "" if player.status in ("out", "inactive", NOT_LISTED) else f", {player.status}"
        return f"{player.player_name} ({player.position}, {minutes}{missed}{status})"

    more = f" and {len(out) - _OUT_SHOWN} more" if len(out) > _OUT_SHOWN else ""
    return ", ".join(map(one, out[:_OUT_SHOWN])) + more or "none"


def _headline(account: Account, explanation: Explanation) -> str:
    if account.target == MINUTES:
        return f"{account.prediction:.1f} minutes if the player plays (p10-p90 {explanation.minutes_p10:.0f}-{explanation.minutes_p90:.0f})"
    if account.target == PLAY_PROB:
        return f"{account.prediction:.1%} to play"
    if account.target in PERCENTAGE_LABELS:
        return f"{PERCENTAGE_LABELS[account.target]} {account.prediction:.1%}"
    minutes = explanation.reconciled.reconciled
    count = f"{minutes * account.prediction:.2f} in {minutes:.1f} minutes"
    second = explanation.box.get(account.target)
    if second is not None and abs(second - minutes * account.prediction) > 0.005:
        count += f", {second:.2f} after the second stage"
    return f"{account.prediction:.3f} {STATS[account.target].words} per minute, {36 * account.prediction:.1f} per 36 ({count})"


def _account(account: Account) -> Table:
    """The start, the groups with the largest effects, the others together, and the prediction."""
    table = Table(show_header=False, show_edge=False, box=None, padding=(0, 2, 0, 0))
    for justify in ("right", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right")
    table.add_row("", _value(account, account.start), "start", account.start_words)
    most = _SHOWN.get(account.target, _MOST)
    shown = account.parts if len(account.parts) <= most + 1 else account.parts[:most]
    for part in shown:
        table.add_row(_factor(part), _amount(account, part.amount), part.group, "; ".join(driver.words for driver in part.drivers))
    rest = account.parts[len(shown) :]
    if rest:
        product = 1.0
        for part in rest:
            product *= part.factor or 1.0
        factor = "" if rest[0].factor is None else f"x {product:.3f}"
        table.add_row(factor, _amount(account, sum(part.amount for part in rest)), f"{len(rest)} others", "")
    if abs(account.bounded) > _LEAST:
        table.add_row("", _amount(account, account.bounded), "bounds", "limits of possible values")
    if account.parts:
        table.add_row("", _value(account, account.prediction), "prediction", f"{account.run_id.split('-')[0]}, window {account.window[:7]}")
    return table


def _factor(part: GroupEffect) -> str:
    return "" if part.factor is None else f"x {part.factor:.3f}"


def _value(account: Account, value: float) -> str:
    if account.unit == "min":
        return f"{value:.2f} min"
    return f"{36 * value:.2f} per 36" if account.unit == "1/min" else f"{value:.1%}"


def _amount(account: Account, amount: float) -> str:
    if account.unit in ("prob", "share"):
        return f"{100 * amount:+.1f} pp"
    return f"{36 * amount if account.unit == '1/min' else amount:+.2f}"


def _reconciled(explanation: Explanation) -> str:
    r = explanation.reconciled
    return (
        f"{r.expected:.1f} minutes including the chance not to play; the team's sum is {r.team_expected:.0f} of a game's {TEAM_MINUTES}, "
        f"reconciled to [bold]{r.reconciled:.1f}[/]"
        + ("" if abs(r.team_reconciled - TEAM_MINUTES) < 0.05 else f" (too few players: the team has {r.team_reconciled:.0f})")
    )


def _print_games(console: Console, lines: Sequence[GameLine], targets: Sequence[str]) -> None:
    counts = labels_of(("pts", "reb", *(t for t in targets if t not in _SHOTS)))
    shots = [_SHOTS[t] for t in targets if t in _SHOTS]
    figures = {label: [str(line.counts[name]) for line in lines] for label, name in counts.items()}
    figures |= {label: [f"{line.counts[hits]}/{line.counts[attempts]}" for line in lines] for label, hits, attempts in shots}
    columns = [
        Column("date", [str(line.game_date) for line in lines], "label"),
        Column("", [f"{'vs' if line.home else '@'} {line.opponent}" for line in lines], "label"),
        Column("started", [{True: "yes", False: "no", None: ""}[line.started] for line in lines], "label"),
        Column("MIN", [f"{line.minutes:.1f}" for line in lines]),
        *(Column(label, cells, rank=i) for i, (label, cells) in enumerate(figures.items(), 1)),
    ]
    print_fitted(console, columns)


def _table(rows: Sequence[tuple[str, Any]]) -> Table:
    table = Table(show_header=False, show_edge=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, escape(str(text)))
    return table
