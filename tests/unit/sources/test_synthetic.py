"""The synthetic league keeps the landing contract, every identity of a box score, and its own truth."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rates_lib.schemas.landing import LANDING
from rates_lib.sources import synthetic
from rates_lib.sources.synthetic import DATASETS, League, make_league
from rates_lib.sources.synthetic.replay import Replays, eve_of, replay

SEASONS = (2022, 2023)
COUNTS = ["FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF", "PTS"]
TARGETS = {
    "fga2_per_min": pl.col("FGA") - pl.col("FG3A"),
    "fga3_per_min": pl.col("FG3A"),
    "fta_per_min": pl.col("FTA"),
    "ast_per_min": pl.col("AST"),
    "tov_per_min": pl.col("TOV"),
    "oreb_per_min": pl.col("OREB"),
    "dreb_per_min": pl.col("DREB"),
    "stl_per_min": pl.col("STL"),
    "blk_per_min": pl.col("BLK"),
}


@pytest.fixture(scope="module")
def tiny() -> League:
    return make_league(SEASONS, teams=6, games_per_team=20)


@pytest.fixture(scope="module")
def league() -> League:
    return make_league([2023], seed=11, teams=12, games_per_team=60)


@pytest.fixture(scope="module")
def replays() -> list[Replays]:
    """Every sixth game of `league`, a hundred times each."""
    eve = eve_of(2023, 2023, seed=11, teams=12, games_per_team=60)
    return [replay(eve, game_id, 100) for game_id in eve.cast.games.ids[::6]]


def table(league: League, name: str) -> pl.DataFrame:
    frames = league.datasets[name]
    return pl.concat(f.with_columns(season=pl.lit(year)) for year, f in frames.items())


def box(league: League) -> pl.DataFrame:
    """Player rows with decimal minutes."""
    minutes = table(league, "fractional_minutes").rename({"MIN": "minutes"}).drop("season")
    return table(league, "leaguegamelog_player").join(minutes, on=["PLAYER_ID", "GAME_DATE"], how="left")


def assert_all(frame: pl.DataFrame, **rules: pl.Expr) -> None:
    """Every rule holds in every row."""
    broken = {rule: n for rule, e in rules.items() if (n := frame.filter(~e).height)}
    assert not broken


def final(league: League) -> pl.DataFrame:
    return table(league, "schedule").filter(pl.col("GAME_STATUS") == "final")


@pytest.mark.parametrize("name", DATASETS)
def test_frames_keep_the_landing_contract(tiny: League, name: str) -> None:
    spec = LANDING[name]
    assert set(tiny.datasets[name]) == set(SEASONS)
    for frame in tiny.datasets[name].values():
        assert dict(frame.schema) == {c: t() if isinstance(t, type) else t for c, t in spec.columns.items()}
        assert frame.columns == list(spec.columns)
        assert frame.height > 0
        assert not frame.select(spec.key).is_duplicated().any()
        assert frame.equals(frame.sort(spec.key))
        nullable = {"PLAYER_ID", "LINE", "REASON", "START_POSITION"} if name in ("odds_quotes", "injury_report", "starters") else set()
        assert frame.drop(nullable & set(frame.columns)).null_count().sum_horizontal().item() == 0
        assert not any(frame[c].is_nan().any() for c, t in frame.schema.items() if t == pl.Float64)


def test_same_seed_same_league_and_later_seasons_change_nothing(tiny: League) -> None:
    alone = make_league(SEASONS[:1], teams=6, games_per_team=20)
    again = make_league(SEASONS, teams=6, games_per_team=20)
    other = make_league(SEASONS[:1], seed=8, teams=6, games_per_team=20)
    for name in DATASETS:
        assert alone.datasets[name][2022].equals(tiny.datasets[name][2022]), name
        assert again.datasets[name][2023].equals(tiny.datasets[name][2023]), name
    for name, frame in tiny.truth.items():
        assert alone.truth[name].equals(frame.filter(pl.col("season") == 2022)), name
    assert not other.datasets["leaguegamelog_team"][2022].equals(alone.datasets["leaguegamelog_team"][2022])


def test_impossible_leagues_are_refused() -> None:
    with pytest.raises(ValueError, match="one season"):
        make_league([])
    with pytest.raises(ValueError, match="teams x games even"):
        make_league([2022], teams=5, games_per_team=21)
    with pytest.raises(ValueError, match="4 to 30 teams"):
        make_league([2022], teams=31)


def test_box_score_identities(tiny: League) -> None:
    for name in ("leaguegamelog_player", "leaguegamelog_team"):
        assert_all(
            table(tiny, name),
            points=pl.col("PTS") == 2 * (pl.col("FGM") - pl.col("FG3M")) + 3 * pl.col("FG3M") + pl.col("FTM"),
            rebounds=pl.col("REB") == pl.col("OREB") + pl.col("DREB"),
            shots=pl.col("FGM") <= pl.col("FGA"),
            threes=pl.col("FG3M") <= pl.col("FG3A"),
            twos=pl.col("FGM") - pl.col("FG3M") <= pl.col("FGA") - pl.col("FG3A"),
            free_throws=pl.col("FTM") <= pl.col("FTA"),
            counts=pl.min_horizontal(COUNTS) >= 0,
        )


def test_players_sum_to_their_team(tiny: League) -> None:
    keys = ["GAME_ID", "TEAM_ID"]
    sums = box(tiny).group_by(keys).agg(pl.col(*COUNTS, "PLUS_MINUS", "minutes").sum(), players=pl.len())
    both = table(tiny, "leaguegamelog_team").join(sums, on=keys, suffix="_SUM", validate="1:1")
    for c in COUNTS:
        assert both[c].equals(both[f"{c}_SUM"], check_names=False), c
    assert (both["PLUS_MINUS_SUM"] == 5 * both["PLUS_MINUS"]).all()
    assert np.allclose(both["minutes"], both["MIN"], atol=1e-9)
    assert set(both["MIN"]) <= {240 + 25 * k for k in range(8)}
    assert both["players"].is_between(7, 15).all()


def test_what_one_team_does_the_other_suffers(tiny: League) -> None:
    f = table(tiny, "leaguegamelog_team")
    opponent = f.select("GAME_ID", pl.exclude("GAME_ID").name.suffix("_OPP"))
    f = f.join(opponent, on="GAME_ID").filter(pl.col("TEAM_ID") != pl.col("TEAM_ID_OPP"))
    missed_twos_opp = (pl.col("FGA_OPP") - pl.col("FG3A_OPP")) - (pl.col("FGM_OPP") - pl.col("FG3M_OPP"))
    assert_all(
        f,
        plus_minus=pl.col("PLUS_MINUS") == pl.col("PTS") - pl.col("PTS_OPP"),
        no_tie=pl.col("PLUS_MINUS") != 0,
        result=(pl.col("WL") == "W") == (pl.col("PLUS_MINUS") > 0),
        overtime_is_shared=pl.col("MIN") == pl.col("MIN_OPP"),
        assists=pl.col("AST") <= pl.col("FGM"),
        blocks=pl.col("BLK") <= missed_twos_opp,
        steals=pl.col("STL") <= pl.col("TOV_OPP"),
        rebounds=pl.col("OREB") + pl.col("DREB_OPP") <= pl.col("FGA") - pl.col("FGM") + pl.col("FTA") - pl.col("FTM"),
    )
    assert box(tiny)["PF"].max() == 6


def test_minutes_are_rounded_and_some_rows_show_none(league: League) -> None:
    f = box(league)
    assert f["minutes"].is_not_null().all()
    assert f["minutes"].min() > 0
    assert ((f["minutes"] * 60).round().cast(pl.Int64) + 30 >= f["MIN"] * 60).all()
    assert (f["MIN"] == (f["minutes"] * 60 + 30).round(6).floor() // 60).all()
    short = f.filter(pl.col("MIN") == 0)
    assert 2 <= short.height < 0.02 * f.height
    assert f.group_by("GAME_ID", "TEAM_ID").len().height == 2 * final(league).height


def test_stints_tile_the_game_and_agree_with_the_box_score(tiny: League) -> None:
    st = table(tiny, "stints").sort("GAME_ID", "TimeStart")
    same = pl.col("GAME_ID") == pl.col("GAME_ID").shift(1)
    for start, end in (("TimeStart", "TimeEnd"), ("HomeStart", "HomeEnd"), ("AwayStart", "AwayEnd")):
        before = pl.when(same).then(pl.col(end).shift(1)).otherwise(0.0)
        assert st.select((pl.col(start) == before).all(), (pl.col(end) >= pl.col(start)).all()).row(0) == (True, True)
    assert (st["TimeEnd"] > st["TimeStart"]).all()
    for side in ("plus1", "minus1"):
        ids = st[side].str.split("|")
        assert (ids.list.len() == 5).all()
        assert (ids.list.n_unique() == 5).all()
        assert (ids.list.sort().list.join("|") == st[side]).all()

    score = st.group_by("GAME_ID").agg(pl.col("HomeEnd", "AwayEnd", "TimeEnd").max(), pl.col("POSSESSIONS").sum())
    team = table(tiny, "leaguegamelog_team").select("GAME_ID", "TEAM_ID", "PTS", "MIN")
    games = final(tiny).join(score, on="GAME_ID", validate="1:1")
    for side in ("Home", "Away"):
        joined = games.join(team, left_on=["GAME_ID", f"{side.upper()}_TEAM_ID"], right_on=["GAME_ID", "TEAM_ID"])
        assert joined.height == games.height
        assert (joined[f"{side}End"] == joined["PTS"]).all()
        assert (joined["TimeEnd"] * 5 == joined["MIN"]).all()
    assert games["POSSESSIONS"].is_between(160, 280).all()


def test_stints_give_minutes_and_plus_minus(tiny: League) -> None:
    margin = (pl.col("HomeEnd") - pl.col("HomeStart")) - (pl.col("AwayEnd") - pl.col("AwayStart"))
    length = pl.col("TimeEnd") - pl.col("TimeStart")
    sides = [
        table(tiny, "stints").select("GAME_ID", length.alias("m"), (sign * margin).alias("pm"), pl.col(c).str.split("|").alias("PLAYER_ID"))
        for c, sign in (("plus1", 1), ("minus1", -1))
    ]
    per_player = pl.concat(sides).explode("PLAYER_ID").group_by("GAME_ID", "PLAYER_ID").agg(pl.col("m", "pm").sum())
    f = box(tiny).join(per_player, on=["GAME_ID", "PLAYER_ID"], how="full", validate="1:1", coalesce=True)
    assert f.null_count().sum_horizontal().item() == 0
    assert np.allclose(f["m"], f["minutes"], atol=1e-9)
    assert (f["pm"] == f["PLUS_MINUS"]).all()


def test_schedule_is_a_league_s(league: League) -> None:
    games = final(league)
    assert games.height == 12 * 60 // 2
    sides = [games.select("GAME_ID", "GAME_DATE", team=f"{s}_TEAM_ID", home=pl.lit(s == "HOME")) for s in ("HOME", "AWAY")]
    team = pl.concat(sides).sort("team", "GAME_DATE")
    assert not team.select("team", "GAME_DATE").is_duplicated().any()
    per_team = team.group_by("team").agg(pl.len(), pl.col("home").sum())
    assert_all(per_team, all_played=pl.col("len") == 60, half_at_home=pl.col("home").is_between(28, 32))
    rest = team.select(pl.col("GAME_DATE").diff().over("team").dt.total_days()).to_series().drop_nulls()
    assert 0.05 < (rest == 1).mean() < 0.35
    assert games["GAME_ID"].str.contains("^00223[0-9]{5}$").all()
    assert games["NEUTRAL_SITE"].sum() == 2
    eastern = games["TIPOFF_UTC"].dt.convert_time_zone("America/New_York")
    assert (eastern.dt.date() == games["GAME_DATE"]).all()
    assert (eastern.dt.hour().cast(pl.Int32) * 60 + eastern.dt.minute()).is_between(19 * 60, 22 * 60 + 30).all()


def test_postponed_games_have_no_box_score_and_are_replayed(tiny: League) -> None:
    schedule = table(tiny, "schedule")
    put_off = schedule.filter(pl.col("GAME_STATUS") == "postponed")
    assert put_off.group_by("season").len()["len"].is_between(1, 2).all()
    for name in ("leaguegamelog_team", "leaguegamelog_player", "stints", "starters", "injury_report", "odds_quotes"):
        assert set(table(tiny, name)["GAME_ID"]) == set(final(tiny)["GAME_ID"]), name
    pair = ["season", "HOME_TEAM_ID", "AWAY_TEAM_ID"]
    later = put_off.join(final(tiny), on=pair, suffix="_LATER").filter(pl.col("GAME_DATE_LATER") > pl.col("GAME_DATE"))
    assert set(later["GAME_ID"]) == set(put_off["GAME_ID"])


def test_matchup_names_the_home_team_last_on_neutral_ground(tiny: League) -> None:
    games = final(tiny).select("GAME_ID", "NEUTRAL_SITE", home="HOME_TEAM_ABBREVIATION", away="AWAY_TEAM_ABBREVIATION")
    f = table(tiny, "leaguegamelog_team").join(games, on="GAME_ID")
    home, away = pl.col("home"), pl.col("away")
    at_home = (pl.col("TEAM_ABBREVIATION") == home) & ~pl.col("NEUTRAL_SITE")
    wanted = pl.when(at_home).then(home + " vs. " + away).otherwise(away + " @ " + home)
    assert_all(f, matchup=pl.col("MATCHUP") == wanted)
    assert f["NEUTRAL_SITE"].sum() == 2 * 2 * len(SEASONS)


def test_everything_is_published_before_tip_off(tiny: League) -> None:
    tip = final(tiny).select("GAME_ID", "TIPOFF_UTC")
    for name in ("starters", "injury_report", "odds_quotes"):
        f = table(tiny, name).join(tip, on="GAME_ID")
        assert f.select((pl.col("PUBLISHED_UTC") < pl.col("TIPOFF_UTC")).all()).item(), name
        assert not f["PUBLISHED_ASSUMED"].any()


def test_starters_are_five_active_men_who_play(tiny: League) -> None:
    f = table(tiny, "starters").join(table(tiny, "leaguegamelog_player"), on=["GAME_ID", "PLAYER_ID"], how="full", coalesce=True)
    assert f.select(pl.col("starter", "PTS").is_not_null().all()).row(0) == (True, True)
    five = f.filter(pl.col("starter") == 1).group_by("GAME_ID", "TEAM_ID").agg(pl.len(), pl.col("START_POSITION").sort().str.join(" "))
    assert five["len"].unique().to_list() == [5]
    assert five["START_POSITION"].unique().to_list() == ["C PF PG SF SG"]
    assert f.filter(pl.col("starter") == 0)["START_POSITION"].is_null().all()


def test_reports_are_calibrated_and_the_final_list_is_kept(league: League) -> None:
    report = table(league, "injury_report")
    listed = pl.col("STATUS").is_in(["active", "inactive"])
    last = report.filter(listed)
    assert last.group_by("GAME_ID", "TEAM_ID").len()["len"].unique().to_list() == [15]
    assert last.select((pl.col("REASON").is_null() == (pl.col("STATUS") == "active")).all()).item()
    played = table(league, "leaguegamelog_player").select("GAME_ID", "PLAYER_ID")
    status = played.join(last, on=["GAME_ID", "PLAYER_ID"], how="left")["STATUS"]
    assert (status == "active").all()
    early = report.filter(~listed).join(last.select("GAME_ID", "PLAYER_ID", LAST="STATUS"), on=["GAME_ID", "PLAYER_ID"])
    share = dict(early.group_by("STATUS").agg((pl.col("LAST") == "active").mean()).rows())
    assert share["out"] == 0
    assert share["doubtful"] == pytest.approx(0.25, abs=0.15)
    assert share["questionable"] == pytest.approx(0.50, abs=0.12)
    assert share["probable"] == pytest.approx(0.85, abs=0.08)
    last = last.select(game_id="GAME_ID", player_id="PLAYER_ID", active=pl.col("STATUS") == "active")
    truth = league.truth["player_game"].join(last, on=["game_id", "player_id"], validate="1:1")
    bins = truth.group_by((pl.col("play_prob") * 5).floor().alias("bin"))
    by_chance = bins.agg(pl.len(), pl.col("play_prob").mean(), pl.col("active").mean())
    for _, rows, said, was in by_chance.rows():
        assert was == pytest.approx(said, abs=4 * (said * (1 - said) / rows) ** 0.5 + 0.01)


def test_minutes_of_the_absent_go_to_those_who_are_there(league: League) -> None:
    f = league.truth["player_game"].filter(pl.col("minutes_expected") > 0)
    usual = pl.col("minutes_expected").mean().over("player_id")
    f = f.with_columns(usual=usual, more=pl.col("minutes_expected") - usual, present=pl.len().over("game_id"))
    regulars = f.filter(pl.col("usual") > 12)
    assert np.corrcoef(regulars["more"], regulars["present"])[0, 1] < -0.1
    per_game = f.group_by("game_id").agg(pl.col("minutes_expected").sum())
    assert per_game["minutes_expected"].std() < 12


def test_truth_is_the_mean_of_what_happens(league: League) -> None:
    season = box(league).group_by("PLAYER_ID").agg(pl.col("minutes").sum(), *(e.sum().alias(f"n_{t}") for t, e in TARGETS.items()))
    f = league.truth["player_season"].join(season, left_on="player_id", right_on="PLAYER_ID", how="left")
    assert (f["minutes"].is_null() == f["fga2_per_min"].is_null()).all()
    f = f.drop_nulls("minutes")
    for target in TARGETS:
        expected, seen = (f[target] * f["minutes"]).to_numpy(), f[f"n_{target}"].to_numpy()
        assert (expected * seen).sum() / (expected**2).sum() == pytest.approx(1, abs=0.06), target
        assert seen.sum() / expected.sum() == pytest.approx(1, abs=0.05), target
        assert np.corrcoef(expected, seen)[0, 1] > 0.95, target


def test_truth_of_minutes(league: League) -> None:
    minutes = box(league).select("minutes", game_id="GAME_ID", player_id="PLAYER_ID")
    f = league.truth["player_game"].join(minutes, on=["game_id", "player_id"], how="left")
    f = f.with_columns(pl.col("minutes").fill_null(0))
    assert f["minutes"].mean() == pytest.approx(f["minutes_expected"].mean(), rel=0.01)
    assert (f["minutes"] - f["minutes_expected"]).abs().mean() < 3
    for low, high in ((0, 8), (8, 20), (20, 30), (30, 48)):
        part = f.filter(pl.col("minutes_expected").is_between(low, high))
        assert part["minutes"].mean() == pytest.approx(part["minutes_expected"].mean(), abs=0.6)


def test_truth_of_games(league: League) -> None:
    result = table(league, "leaguegamelog_team").drop("season", "GAME_DATE")
    result = result.join(final(league), left_on=["GAME_ID", "TEAM_ID"], right_on=["GAME_ID", "HOME_TEAM_ID"])
    g = league.truth["game"].drop("season").join(result, left_on="game_id", right_on="GAME_ID", validate="1:1")
    assert g.height == 360
    total, n = 2 * g["PTS"] - g["PLUS_MINUS"], g.height**0.5
    assert g["PLUS_MINUS"].mean() == pytest.approx(g["expected_home_margin"].mean(), abs=3 * 13.4 / n)
    assert total.mean() == pytest.approx(g["expected_total"].mean(), abs=3 * 18.5 / n)
    assert (g["PLUS_MINUS"] > 0).mean() == pytest.approx(g["home_win_prob"].mean(), abs=1.5 / n)
    assert np.corrcoef(g["PLUS_MINUS"], g["expected_home_margin"])[0, 1] > 0.3


def test_quotes_follow_the_truth_and_closing_more_closely(league: League) -> None:
    quotes = table(league, "odds_quotes").join(league.truth["game"].rename({"game_id": "GAME_ID"}), on="GAME_ID")
    closing = pl.col("PUBLISHED_UTC") == pl.col("PUBLISHED_UTC").max().over("GAME_ID")
    error = (
        quotes.filter(pl.col("MARKET") == "spread")
        .with_columns(closing=closing)
        .group_by("closing")
        .agg((pl.col("LINE") + pl.col("expected_home_margin")).std())
    )
    sd = dict(error.rows())
    assert sd[True] == pytest.approx(1.0, abs=0.25)
    assert 2.0 < sd[False] < 3.2
    assert set(quotes["MARKET"]) == {"spread", "total", "moneyline", "player_pts", "player_reb", "player_ast", "player_pra"}
    assert quotes.select(((pl.col("LINE") * 2).round() == pl.col("LINE") * 2).all(ignore_nulls=True)).item()
    assert quotes.select((pl.col("LINE").is_null() == (pl.col("MARKET") == "moneyline")).all()).item()
    implied = [pl.when(c < 0).then(-c / (100 - c)).otherwise(100 / (100 + c)) for c in (pl.col("PRICE_HOME"), pl.col("PRICE_AWAY"))]
    assert quotes.select((implied[0] + implied[1]).is_between(1.02, 1.06).mean()).item() > 0.99


def test_magnitudes_are_a_basketball_league_s(league: League) -> None:
    f = table(league, "leaguegamelog_team")
    usual = {
        "PTS": (107, 119), "FG3A": (31, 39), "FTA": (19, 25), "AST": (23, 29), "TOV": (12, 16), "OREB": (9, 12),
        "DREB": (30, 36), "STL": (6.3, 8.7), "BLK": (4, 6), "PF": (18, 24),
    }  # fmt: skip
    for c, (low, high) in usual.items():
        assert low < f[c].mean() < high, c
    assert 0.51 < (f["FGM"].sum() - f["FG3M"].sum()) / (f["FGA"].sum() - f["FG3A"].sum()) < 0.57
    assert 0.34 < f["FG3M"].sum() / f["FG3A"].sum() < 0.38
    assert 0.74 < f["FTM"].sum() / f["FTA"].sum() < 0.82
    assert 12.5 < f["PLUS_MINUS"].std() < 17
    assert 0.01 < (f["MIN"] > 240).mean() < 0.10
    players = box(league)
    regulars = players.group_by("PLAYER_ID").agg(pl.col("minutes").mean(), pl.len(), pl.col("PTS").mean()).filter(pl.col("len") > 20)
    assert 34 < regulars["minutes"].max() < 39
    assert 22 < regulars["PTS"].max() < 38


def test_tracking_covers_everybody_who_played(tiny: League) -> None:
    f = table(tiny, "leaguedashptstats_game").join(box(tiny), on=["GAME_ID", "PLAYER_ID"], how="full", coalesce=True, suffix="_BOX")
    assert f.select(pl.col("GP").is_not_null().all(), pl.col("PTS").is_not_null().all()).row(0) == (True, True)
    assert (f["MIN"] == f["minutes"]).all()
    assert (f["POTENTIAL_AST"] >= f["AST"]).all()
    assert (f["CATCH_SHOOT_FGA"] + f["PULL_UP_FGA"] <= f["FGA"]).all()
    assert (f["TOUCHES"] >= f["FGA"]).all()
    passing = f.group_by("PLAYER_ID", "season").agg(pl.col("POTENTIAL_AST", "MIN").sum()).filter(pl.col("MIN") > 150)
    truth = tiny.truth["player_season"].rename({"player_id": "PLAYER_ID"})
    passing = passing.join(truth, on=["PLAYER_ID", "season"])
    assert np.corrcoef(passing["POTENTIAL_AST"] / passing["MIN"], passing["ast_per_min"])[0, 1] > 0.85


def test_bios_fit_positions_and_rosters_change_over_the_summer(tiny: League) -> None:
    truth = tiny.truth["player_season"].rename({"player_id": "PLAYER_ID"})
    bios = table(tiny, "player_bios").join(truth, on=["PLAYER_ID", "season"], validate="1:1")
    height = dict(bios.group_by("position").agg(pl.col("PLAYER_HEIGHT_INCHES").mean()).rows())
    assert sorted(height, key=height.__getitem__) == ["PG", "SG", "SF", "PF", "C"]
    assert bios["AGE"].is_between(18, 42).all()
    people = bios.select("PLAYER_ID", "PLAYER_NAME").unique()
    assert people["PLAYER_NAME"].n_unique() == people["PLAYER_ID"].n_unique() == people.height
    before, after = (set(bios.filter(pl.col("season") == s)["PLAYER_ID"]) for s in SEASONS)
    assert before - after
    assert after - before
    assert len(before & after) > 0.7 * len(before)


def test_replays_depend_on_their_game_and_seed_alone(tiny: League) -> None:
    eve = eve_of(2023, 2022, teams=6, games_per_team=20)
    first, last = eve.cast.games.ids[0], eve.cast.games.ids[-1]
    once, other = replay(eve, last, 5), replay(eve, last, 5, seed=8)
    replay(eve, first, 5)
    again = replay(eve, last, 5)
    assert (once.seconds == again.seconds).all()
    assert all((once.box[name] == again.box[name]).all() for name in once.box)
    assert not (once.points == other.points).all()
    afterwards = make_league(SEASONS, teams=6, games_per_team=20)
    assert all(afterwards.datasets[name][2023].equals(tiny.datasets[name][2023]) for name in DATASETS)
    with pytest.raises(ValueError, match="no game 0022400001"):
        replay(eve, "0022400001", 5)
    with pytest.raises(ValueError, match="founded in 2023"):
        eve_of(2022, 2023)


def test_replays_are_whole_games_of_the_men_on_the_list(league: League, replays: list[Replays]) -> None:
    listed = table(league, "injury_report").filter(STATUS="active").group_by("GAME_ID").agg("PLAYER_ID")
    active = dict(listed.iter_rows())
    for again in replays:
        assert sorted(again.player_ids) == sorted(active[again.game_id])
        assert (again.seconds.sum(axis=0) % (10 * 300) == 28800 % 3000).all()  # ten men on the floor, also in overtimes
        assert (again.points[0] != again.points[1]).all()
        assert (again.box["PTS"].sum(axis=0) == again.points.sum(axis=0)).all()
        assert (again.box["PTS"][again.seconds == 0] == 0).all()


def test_the_mean_of_the_replays_is_the_truth(league: League, replays: list[Replays]) -> None:
    game = {row["game_id"]: row for row in league.truth["game"].iter_rows(named=True)}
    error = np.array([a.points[0].mean() - a.points[1].mean() - game[a.game_id]["expected_home_margin"] for a in replays])
    assert abs(error.mean()) < 4 * 13.4 / (100 * len(replays)) ** 0.5 + 0.2
    assert error.std() < 2.5  # sampling alone is 1.4
    assert np.mean([a.points.sum(axis=0).mean() - game[a.game_id]["expected_total"] for a in replays]) == pytest.approx(0, abs=1)
    rows = [
        (a.game_id, player, a.seconds[i].mean() / 60, *(float(a.box[c][i].mean()) for c in ("AST", "DREB", "FG3A")))
        for a in replays
        for i, player in enumerate(a.player_ids)
    ]
    again = pl.DataFrame(rows, schema=["game_id", "player_id", "minutes", "ast", "dreb", "fga3"], orient="row")
    f = again.join(league.truth["player_game"], on=["game_id", "player_id"], validate="1:1")
    assert f.height == again.height
    assert (f["minutes"] - f["minutes_expected"]).abs().mean() < 1.2
    for low, high in ((0, 8), (8, 20), (20, 30), (30, 48)):
        part = f.filter(pl.col("minutes_expected").is_between(low, high))
        assert part["minutes"].mean() == pytest.approx(part["minutes_expected"].mean(), abs=0.6)
    f = f.drop_nulls("ast_per_min")
    for target in ("ast", "dreb", "fga3"):
        expected = (f[f"{target}_per_min"] * f["minutes"]).to_numpy()
        assert f[target].sum() / expected.sum() == pytest.approx(1, abs=0.02), target
        assert np.corrcoef(f[target], expected)[0, 1] > 0.97, target


def test_the_game_that_was_played_is_one_of_its_replays(league: League, replays: list[Replays]) -> None:
    """Its place among them is anywhere, equally likely: a share of .8 lies inside the central 80 %, for players and for teams."""
    played = {(row["GAME_ID"], row["PLAYER_ID"]): row for row in box(league).iter_rows(named=True)}
    team = table(league, "leaguegamelog_team").join(final(league), on="GAME_ID").filter(pl.col("TEAM_ID") == pl.col("HOME_TEAM_ID"))
    margin = dict(team.select("GAME_ID", "PLUS_MINUS").iter_rows())
    rng = np.random.default_rng(7)

    def place(y: float, values: np.ndarray) -> float:
        return float((values < y).mean() + rng.random() * (values == y).mean())

    places: dict[str, list[float]] = {"minutes": [], "PTS": [], "REB": [], "margin": []}
    for a in replays:
        places["margin"].append(place(margin[a.game_id], a.points[0] - a.points[1]))
        for i, player in enumerate(a.player_ids):
            row = played.get((a.game_id, player), {"minutes": 0.0, "PTS": 0, "REB": 0})
            values = {"minutes": a.seconds[i] / 60, "PTS": a.box["PTS"][i], "REB": a.box["REB"][i]}
            for name, drawn in values.items():
                places[name].append(place(row[name], drawn))
    for name, found in places.items():
        at = np.array(found)
        error = (0.16 / at.size) ** 0.5
        assert np.mean((at > 0.1) & (at < 0.9)) == pytest.approx(0.8, abs=4 * error + 0.01), name
        assert at.mean() == pytest.approx(0.5, abs=4 * (1 / 12 / at.size) ** 0.5), name


def test_package_stands_alone() -> None:
    allowed = {"rates_lib.core", "rates_lib.schemas", "rates_lib.sources"}
    for path in Path(synthetic.__file__).parent.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        names += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        for name in names:
            assert "dagster" not in name
            assert not name.startswith("rates_lib") or ".".join(name.split(".")[:2]) in allowed, (path.name, name)
