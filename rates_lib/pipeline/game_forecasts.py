"""A game's forecasts side by side: the worlds', which start from the market's line, and the team model's without the market.

`predictions.team` has both: `with_market_*` starts from the closing line, the plain columns have not seen it. The worlds are drawn around
`*_reconciled`, that is `with_market_*` after the points of teams and players were made to add up (`models/consistency.py`).

Belongs here: which columns are compared, and their names in words, for the terminal and for the report. Does not belong here: layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class GameForecast(NamedTuple):
    """One forecast of a game.

    Attributes:
        source: what it rests on, in words.
        home_win_prob: chance that the home side wins.
        margin: expected points of the home side minus those of the away side.
        total: expected points of both.
    """

    source: str
    home_win_prob: float
    margin: float
    total: float


def forecasts_of(summary: Mapping[str, Any] | None, team: Mapping[str, Any] | None) -> list[GameForecast]:
    """The forecasts of one game: that of the worlds first.

    Args:
        summary: row of sims.game_summary; None if the game was not simulated.
        team: row of predictions.team; None if there is none.

    Returns:
        No forecast for a missing row. Without a line the team model's forecast is what the worlds start from.
    """
    lined = team is not None and (team["spread_home"] is not None or team["total"] is not None)
    forecasts = []
    if summary is not None:
        base = f"with the market ({_line(team)})" if team is not None and lined else "no line known" if team is not None else ""
        source = ", ".join(filter(None, ("worlds", base)))
        forecasts.append(GameForecast(source, summary["home_win_prob"], summary["margin_mean"], summary["total_mean"]))
    if team is not None:
        forecasts.append(GameForecast("team model, without the market", team["home_win_prob"], team["margin_mean"], team["total_mean"]))
    return forecasts


def _line(team: Mapping[str, Any]) -> str:
    spread = [] if team["spread_home"] is None else [f"home {team['spread_home']:+g}"]
    return ", ".join([*spread, *([] if team["total"] is None else [f"total {team['total']:g}"])])
