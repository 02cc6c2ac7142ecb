"""Points that add up: against NumPy's generic solution of the same problem, and by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from rates_lib.core.errors import SchemaError
from rates_lib.core.fantasy import SITES
from rates_lib.models.consistency import agree, mean_of, reconcile_points, team_forecasts
from rates_lib.models.reconcile import minutes_variance
from rates_lib.pipeline.mean_box import project_box
from rates_lib.schemas.columns import PLAYER_RECONCILED, TEAM_RECONCILED
from tests.frames.slate import slate

WORTH = np.array([2.0, 3.0, 1.0])
KEY = ["game_id", "team_id"]


@pytest.fixture(scope="module")
def box() -> pl.DataFrame:
    frames = slate(3)
    band = frames["minutes"].select("game_id", "player_id", "minutes_p10", "minutes_p90")
    made = project_box(frames["minutes"], frames["rates"], frames["form"])
    return made.drop(PLAYER_RECONCILED).join(band, on=["game_id", "player_id"])


def forecasts(box: pl.DataFrame, gap: float = 6.0, var: float = 140.0, cov: float = 40.0) -> pl.DataFrame:
    """Team forecasts `gap` points above the players' sum, another number for every team."""
    sums = box.group_by(KEY).agg(pl.col("pts_mean").sum()).sort(KEY).with_row_index("n")
    points = pl.col("pts_mean") + gap * (pl.col("n") - 1.5)
    return sums.select(*KEY, points.alias("points_mean"), (var + pl.col("n")).alias("points_var"), pl.lit(cov).alias("points_cov"))


def generic(box: pl.DataFrame, teams: pl.DataFrame, weight: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for one game with matrices as the textbook writes them: (points of teams, made shots of players)."""
    made = box.select(pl.col("fgm_mean") - pl.col("fg3m_mean"), "fg3m_mean", "ftm_mean").to_numpy()
    share = box.select(minutes_variance() / pl.col("minutes_reconciled") ** 2).fill_nan(0.0).to_numpy().ravel()
    n = box.height
    w = np.zeros((2 + 3 * n, 2 + 3 * n))
    w[:2, :2] = np.diag(teams["points_var"].to_numpy())
    w[0, 1] = w[1, 0] = teams["points_cov"][0]
    c = np.zeros((2, 2 + 3 * n))
    c[0, 0] = c[1, 1] = 1.0
    for i in range(n):
        at = slice(2 + 3 * i, 5 + 3 * i)
        w[at, at] = weight * (np.diag(made[i]) + share[i] * np.outer(made[i], made[i]))
        c[teams["team_id"].to_list().index(box["team_id"][i]), at] = -WORTH
    y = np.concatenate([teams["points_mean"].to_numpy(), made.ravel()])
    moved = y - w @ c.T @ np.linalg.solve(c @ w @ c.T, c @ y)
    return moved[:2], moved[2:].reshape(n, 3)


@pytest.mark.parametrize("weight", [0.3, 1.0, 4.0])
def test_the_closed_form_is_the_generic_solution(box: pl.DataFrame, weight: float) -> None:
    teams = forecasts(box)
    players, points = reconcile_points(box, teams, weight)
    for game_id in box["game_id"].unique():
        rows = box.filter(game_id=game_id)
        wanted_points, expected_made = generic(rows, teams.filter(game_id=game_id), weight)
        shots_made = players.filter(game_id=game_id).select(
            pl.col("fgm_reconciled") - pl.col("fg3m_reconciled"), "fg3m_reconciled", "ftm_reconciled"
        )
        np.testing.assert_allclose(shots_made.to_numpy(), expected_made, atol=1e-5)
        np.testing.assert_allclose(points.filter(game_id=game_id)["points_reconciled"].to_numpy(), wanted_points, atol=1e-4)


def test_everything_adds_up(box: pl.DataFrame) -> None:
    players, points = reconcile_points(box, forecasts(box))
    assert players.columns == ["game_id", "player_id", *PLAYER_RECONCILED]
    joined = box.join(players, on=["game_id", "player_id"])
    teams = joined.group_by(KEY).agg(pl.col("pts_reconciled").sum()).join(points, on=KEY)
    assert (teams["pts_reconciled"] - teams["points_reconciled"]).abs().max() < 1e-4
    fg2m = pl.col("fgm_reconciled") - pl.col("fg3m_reconciled")
    off = joined.select(
        (2 * fg2m + 3 * pl.col("fg3m_reconciled") + pl.col("ftm_reconciled") - pl.col("pts_reconciled")).abs().max().alias("points"),
        (pl.col("ftm_reconciled") - pl.col("fta_reconciled") * pl.col("ft_pct_mean")).abs().max().alias("free throws"),
        (fg2m / pl.col("fg2_pct_mean") + pl.col("fg3m_reconciled") / pl.col("fg3_pct_mean") - pl.col("fga_reconciled")).abs().max(),
    )
    assert max(off.row(0)) < 1e-9
    dk = SITES["dk"].points
    moved = dk["pts"] * (pl.col("pts_reconciled") - pl.col("pts_mean")) + dk["fg3m"] * (pl.col("fg3m_reconciled") - pl.col("fg3m_mean"))
    assert joined.select((pl.col("dk_points_mean") + moved - pl.col("dk_points_reconciled")).abs().max()).item() < 1e-9


def test_what_agrees_stays(box: pl.DataFrame) -> None:
    players, points = reconcile_points(box, forecasts(box, gap=0.0))
    before = box.select(f"{c.removesuffix('_reconciled')}_mean" for c in PLAYER_RECONCILED).to_numpy()
    np.testing.assert_allclose(players.select(PLAYER_RECONCILED).to_numpy(), before, atol=1e-5)
    np.testing.assert_allclose(points["points_reconciled"], forecasts(box, gap=0.0)["points_mean"], atol=1e-4)


def test_by_hand() -> None:
    """Variances are 2 x 2 x 2 = 8 and 8 + 3 x 3 x 2 = 26 for the players, 56 for the team: of a gap of 9 each takes a tenth of its own."""
    made = {"fgm_mean": [2.0, 4.0], "fg3m_mean": [0.0, 2.0], "ftm_mean": [0.0, 0.0], "pts_mean": [4.0, 10.0]}
    rows = pl.DataFrame({"player_id": ["a", "b"], "team_id": ["1", "1"], **made})
    rows = pl.concat([rows, rows.with_columns(pl.col("player_id") + "'", team_id=pl.lit("2"))]).with_columns(
        game_id=pl.lit("g"), play_prob=1.0, minutes_mean=20.0, minutes_p10=20.0, minutes_p90=20.0, minutes_reconciled=20.0,
        fga_mean=8.0, fta_mean=1.0, fg2_pct_mean=0.5, fg3_pct_mean=0.25, ft_pct_mean=0.8,
        **{f"{s}_mean": 1.0 for s in ("reb", "ast", "stl", "blk", "tov", "oreb", "dreb")},
    )  # fmt: skip
    teams = pl.DataFrame({"game_id": "g", "team_id": ["1", "2"], "points_mean": [23.0, 14.0], "points_var": 56.0, "points_cov": 0.0})
    players, points = reconcile_points(rows, teams)
    assert points["points_reconciled"].to_list() == pytest.approx([23 - 5.6, 14.0])
    assert players["pts_reconciled"].to_list() == pytest.approx([4 + 0.8, 10 + 2.6, 4.0, 10.0])
    assert players["fgm_reconciled"].to_list() == pytest.approx([2.4, 2.4 + 2.6, 2.0, 4.0])
    assert players["fg3m_reconciled"].to_list() == pytest.approx([0.0, 2.6, 0.0, 2.0])
    assert players["fga_reconciled"].to_list() == pytest.approx([4.8, 4.8 + 10.4, 4.0, 12.0])


def test_who_is_uncertain_moves_more(box: pl.DataFrame) -> None:
    sure = box.with_columns(play_prob=pl.lit(1.0), minutes_p10=pl.col("minutes_mean"), minutes_p90=pl.col("minutes_mean"))
    player = pl.col("player_id") == "00103"
    unsure = sure.with_columns(minutes_p10=pl.when(player).then(pl.col("minutes_mean") - 25).otherwise("minutes_p10"))
    of_team = (box["team_id"] == "001").arg_true()
    shares = []
    for rows in (sure, unsure):
        moved = (reconcile_points(rows, forecasts(box))[0]["pts_reconciled"] - box["pts_mean"])[of_team]
        shares.append(moved[box["player_id"][of_team].to_list().index("00103")] / moved.sum())
    assert shares[1] > 1.2 * shares[0]


def test_a_sure_team_model_moves_players_only_and_no_weight_moves_teams_only(box: pl.DataFrame) -> None:
    sure = forecasts(box, var=1e-9, cov=0.0).with_columns(points_var=pl.lit(1e-9))
    np.testing.assert_allclose(reconcile_points(box, sure)[1]["points_reconciled"], sure["points_mean"], atol=1e-3)
    players, points = reconcile_points(box, forecasts(box), 0.0)
    np.testing.assert_allclose(players["pts_reconciled"], box["pts_mean"], atol=1e-9)
    sums = box.group_by(KEY).agg(pl.col("pts_mean").sum()).sort(KEY)
    np.testing.assert_allclose(points["points_reconciled"], sums["pts_mean"], atol=1e-4)


def test_no_player_is_more_than_halved_or_doubled_and_the_sum_still_holds(box: pl.DataFrame) -> None:
    players, points = reconcile_points(box, forecasts(box, gap=400.0))
    ratio = players["pts_reconciled"] / box["pts_mean"].replace(0.0, None)
    assert ratio.min() >= 0.5 - 1e-9
    assert ratio.max() <= 2 + 1e-9
    sums = box.select(KEY).with_columns(players["pts_reconciled"]).group_by(KEY).agg(pl.col("pts_reconciled").sum())
    both = sums.join(points, on=KEY)
    assert (both["pts_reconciled"] - both["points_reconciled"]).abs().max() < 1e-4


def test_order_and_other_games_change_nothing(box: pl.DataFrame) -> None:
    teams = forecasts(box)
    players, points = reconcile_points(box, teams)
    mixed = box.sample(fraction=1.0, shuffle=True, seed=3)
    again, points_again = reconcile_points(mixed, teams.reverse())
    key = ["game_id", "player_id"]
    assert again.sort(key).equals(players.sort(key))
    assert points_again.sort(KEY).equals(points.sort(KEY))
    one = box["game_id"][0]
    assert reconcile_points(box.filter(game_id=one), teams.filter(game_id=one))[0].equals(players.filter(game_id=one))


def test_a_game_without_a_forecast_of_both_teams_is_null(box: pl.DataFrame) -> None:
    teams = forecasts(box)
    games = teams["game_id"].unique().sort()
    players, points = reconcile_points(box, teams.filter((pl.col("game_id") != games[0]) & (pl.col("team_id") != "003")))
    assert players.filter(pl.col("game_id").is_in(games[:2]))["pts_reconciled"].null_count() == 52
    assert players.filter(game_id=games[2])["pts_reconciled"].null_count() == 0
    assert points["points_reconciled"].null_count() == 1


def test_missing_columns_are_named(box: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match="minutes_p10"):
        reconcile_points(box.drop("minutes_p10"), forecasts(box))
    with pytest.raises(SchemaError, match="points_var"):
        reconcile_points(box, forecasts(box).drop("points_var"))


def test_stored_predictions_agree_and_keep_their_order(box: pl.DataFrame) -> None:
    frames = slate(3)
    alone = project_box(frames["minutes"], frames["rates"], frames["form"])
    with_team, team = agree(alone, frames["minutes"], frames["team"])
    assert with_team.drop(PLAYER_RECONCILED).equals(alone.drop(PLAYER_RECONCILED))
    assert team.drop(TEAM_RECONCILED).equals(frames["team"].drop(TEAM_RECONCILED))
    sums = dict(with_team.group_by("team_id").agg(pl.col("pts_reconciled").sum()).iter_rows())
    for row in team.iter_rows(named=True):
        home, away = sums[row["home_team_id"]], sums[row["away_team_id"]]
        assert (row["home_pts_reconciled"], row["away_pts_reconciled"]) == pytest.approx((home, away), abs=1e-4)
        assert (row["margin_reconciled"], row["total_reconciled"]) == pytest.approx((home - away, home + away), abs=1e-4)
        low, high = sorted((row["with_market_home_pts_mean"], box.filter(team_id=row["home_team_id"])["pts_mean"].sum()))
        assert low - 1 < row["home_pts_reconciled"] < high + 1
    again, nothing = agree(with_team, frames["minutes"], frames["team"].clear())
    assert again.equals(alone)
    assert nothing.height == 0


def test_the_teams_covariance_is_that_of_margin_and_total() -> None:
    first = team_forecasts(slate(1)["team"])
    assert first["points_mean"].to_list() == [114.0, 108.0]  # with the market: one more of each
    sd = {name: 2 * band / 2.5631 for name, band in (("home", 15), ("away", 14), ("margin", 17), ("total", 23))}
    assert first["points_var"].to_list() == pytest.approx([sd["home"] ** 2, sd["away"] ** 2])
    assert first["points_cov"].to_list() == pytest.approx([(sd["total"] ** 2 - sd["margin"] ** 2) / 4] * 2)


def test_a_reader_is_shown_what_agrees():
    row = {"pts_mean": 20.0, "pts_reconciled": 19.5, "fg3m_mean": 2.0, "fg3m_reconciled": None, "reb_mean": 5.0}
    assert [mean_of(row, stat) for stat in ("pts", "fg3m", "reb")] == [19.5, 2.0, 5.0]
