"""The forecasts of a game that screens and reports show say which one leans on the market."""

import pytest

from rates_lib.pipeline.game_forecasts import GameForecast, forecasts_of

SUMMARY = {"home_win_prob": 0.72, "margin_mean": 7.7, "total_mean": 223.4}
TEAM = {"home_win_prob": 0.65, "margin_mean": 5.2, "total_mean": 225.4, "with_market_home_win_prob": 0.71}


@pytest.mark.parametrize(
    ("spread", "total", "source"),
    [
        (-7.5, 223.5, "worlds, with the market (home -7.5, total 223.5)"),
        (7.0, None, "worlds, with the market (home +7)"),
        (None, 223.5, "worlds, with the market (total 223.5)"),
        (None, None, "worlds, no line known"),
    ],
)
def test_both_forecasts_are_named(spread: float | None, total: float | None, source: str) -> None:
    assert forecasts_of(SUMMARY, TEAM | {"spread_home": spread, "total": total}) == [
        GameForecast(source, 0.72, 7.7, 223.4),
        GameForecast("team model, without the market", 0.65, 5.2, 225.4),
    ]


def test_a_missing_forecast_is_left_out() -> None:
    assert [f.source for f in forecasts_of(None, TEAM | {"spread_home": -7.5, "total": None})] == ["team model, without the market"]
    assert [f.source for f in forecasts_of(SUMMARY, None)] == ["worlds"]
    assert forecasts_of(None, None) == []
