"""Peers' forecasts: names and games found, the last publication taken, differences measured on the same rows with an honest interval."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.evaluation.peers import Interval, compare_linestar, compare_peers, compare_props, consensus_lines, paired_bootstrap
from rates_lib.lake import SQL_ROOT, Lake
from rates_lib.pipeline.transform import Built, build
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check

SEASON = 2023
DAY = dt.date(2024, 1, 28)
TIP = dt.datetime(2024, 1, 29, 0, 30, tzinfo=dt.UTC)  # 28 January, 19:30 Eastern
HOME, AWAY, OTHER = "10", "20", "30"
GAME, NEXT = "0022300001", "0022300002"
MORITZ, THADDEUS, TRAE = "1629021", "201152", "1629027"  # ids of sql/seeds/player_aliases.csv


def filled(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of a table of which only what matters is given; the rest is null."""
    return pl.DataFrame([dict.fromkeys(TABLES[table].columns) | {"season": SEASON} | row for row in rows], schema=TABLES[table].schema)


def game(game_id: str, day: dt.date, *, assumed: bool = False) -> dict[str, object]:
    home = {"home_team_id": HOME, "home_team_abbreviation": "ORL"}
    away = {"away_team_id": AWAY, "away_team_abbreviation": "TOR"}
    tipoff = TIP + (day - DAY)
    return {"game_id": game_id, "game_date": day, "tipoff_utc": tipoff, "tipoff_assumed": assumed, **home, **away}


def played(player_id: str, name: str, team: str = HOME, game_id: str = GAME) -> dict[str, object]:
    return {"game_id": game_id, "player_id": player_id, "player_name": name, "team_id": team}


def projection(name: str, **more: object) -> dict[str, object]:
    row = {"source": "linestar", "stat": "dk_points", "player_name": name, "game_date": DAY, "team_abbreviation": "ORL", "forecast": 30.0}
    return row | {"published_utc": TIP - dt.timedelta(hours=8), "published_assumed": True} | more


def line(name: str, minutes: float, value: float, **more: object) -> dict[str, object]:
    row = {"source": "props", "stat": "pra", "book": "A", "player_name": name, "game_date": DAY, "forecast": value}
    teams = {"home_team_abbreviation": "ORL", "away_team_abbreviation": "TOR"}
    return row | teams | {"published_utc": TIP - dt.timedelta(minutes=minutes), "published_assumed": False} | more


BOX = [
    played(MORITZ, "Moritz Wagner"),
    played("1", "P.J. Washington Jr."),
    played("2", "Dennis Schröder"),
    played("3", "Karl-Anthony Towns", AWAY),
    played("4", "D'Angelo Russell", AWAY),
    played(THADDEUS, "Thaddeus Young", AWAY),
    played("5", "Robert Williams III", AWAY, NEXT),
]


def made(root: Path, forecasts: list[dict[str, object]], box: list[dict[str, object]] | None = None, *, assumed: bool = False) -> Built:
    lake = Lake(root)
    games = [game(GAME, DAY, assumed=assumed), game(NEXT, DAY + dt.timedelta(days=2), assumed=assumed)]
    lake.write("silver.game", filled("silver.game", games), SEASON)
    lake.write("silver.player_game", filled("silver.player_game", BOX if box is None else box), SEASON)
    listed = [played("6", "Ricky Rubio") | {"status": "inactive", "source": "boxscore_status"}]
    lake.write("bronze.player_status", filled("bronze.player_status", listed), SEASON)
    lake.write("bronze.peer_forecast", filled("bronze.peer_forecast", forecasts), SEASON)
    return build(lake, "silver.peer_forecast", SEASON)


# --- names and games ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "player", "how"),
    [
        ("Moritz Wagner", MORITZ, "exact"),
        ("moritz wagner", MORITZ, "normalised"),
        ("Moe Wagner", MORITZ, "alias"),
        ("MOE WAGNER", MORITZ, "alias"),
        ("PJ Washington", "1", "normalised"),
        ("P.J Washington", "1", "normalised"),
        ("Dennis Schroder", "2", "normalised"),
        ("Karl Anthony Towns", "3", "normalised"),
        ("DAngelo Russell", "4", "normalised"),
        ("D’Angelo Russell", "4", "normalised"),  # noqa: RUF001
        ("Robert Williams", "5", "normalised"),
        ("Ricky Rubio", "6", "exact"),  # on the list, did not play: kept
    ],
)
def test_a_name_is_found_however_it_is_spelled(tmp_path: Path, name: str, player: str, how: str) -> None:
    built = made(tmp_path, [line(name, 5, 20.5)])
    assert built.good.select("game_id", "player_id", "player_name", "name_match").rows() == [(GAME, player, name, how)]
    assert built.quarantine.is_empty()


def test_who_is_not_known_is_set_apart_with_his_name(tmp_path: Path) -> None:
    wanted = [projection("No One"), projection("Another One"), projection("Moritz Wagner"), line("No One", 5, 9.5)]
    built = made(tmp_path, wanted)
    assert built.good["player_id"].to_list() == [MORITZ]
    assert built.quarantine["reason"].to_list() == ["unknown player Another One", "unknown player No One", "unknown player No One"]
    sources = built.quarantine.select("reason", source=pl.col("row_key").str.json_path_match("$.source"))
    assert sorted(sources.rows()) == [
        ("unknown player Another One", "linestar"),
        ("unknown player No One", "linestar"),
        ("unknown player No One", "props"),
    ]


def test_a_day_or_team_without_a_game_is_set_apart_with_it(tmp_path: Path) -> None:
    late = {"game_date": DAY + dt.timedelta(days=1)}
    built = made(
        tmp_path,
        [
            projection("Moritz Wagner", **late),
            projection("Moritz Wagner", team_abbreviation="ELS"),
            line("Moritz Wagner", 5, 20.5, away_team_abbreviation="ELS"),
        ],
    )
    assert built.good.is_empty()
    assert sorted(built.quarantine["reason"]) == [
        "no game of ELS on 2024-01-28",
        "no game of ORL and ELS on 2024-01-28",
        "no game of ORL on 2024-01-29",
    ]


def test_home_and_away_may_be_swapped(tmp_path: Path) -> None:
    built = made(tmp_path, [line("Moritz Wagner", 5, 20.5, home_team_abbreviation="TOR", away_team_abbreviation="ORL")])
    assert built.good["game_id"].to_list() == [GAME]


def test_of_two_of_a_name_the_one_in_the_game_is_meant(tmp_path: Path) -> None:
    elsewhere = played("9", "Moritz Wagner", OTHER, "0022300009")
    both = [*BOX, elsewhere]
    assert made(tmp_path / "a", [projection("Moritz Wagner")], both).good["player_id"].to_list() == [MORITZ]
    on_the_team = [r for r in both if r["player_id"] != MORITZ] + [played(MORITZ, "Moritz Wagner", HOME, NEXT)]
    assert made(tmp_path / "b", [projection("Moritz Wagner")], on_the_team).good["player_id"].to_list() == [MORITZ]
    twice = made(tmp_path / "c", [projection("Moritz Wagner")], [*BOX, played("9", "Moritz Wagner", AWAY)])
    assert twice.good.is_empty()
    assert twice.quarantine["reason"].to_list() == ["several players called Moritz Wagner"]
    assert '"player_id":"Moritz Wagner"' in twice.quarantine["row_key"].item()  # it must not stand in for a row of either


def test_an_alias_of_one_season_holds_in_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = [*BOX, played(TRAE, "Trae Young")]
    assert made(tmp_path / "a", [line("T. Young", 5, 19.5)], box).good["player_id"].to_list() == [THADDEUS]
    monkeypatch.setattr("tests.integration.evaluation.test_peers.SEASON", 2024)
    other = made(tmp_path / "b", [line("T. Young", 5, 19.5), line("Moe Wagner", 5, 12.5)], box)
    assert other.good["player_name"].to_list() == ["Moe Wagner"]
    assert other.quarantine["reason"].to_list() == ["unknown player T. Young"]


def test_the_alias_list_is_in_order_and_says_why() -> None:
    with (SQL_ROOT / "seeds" / "player_aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["alias"] and row["player_id"].isdigit() and row["player_name"] and row["reason"] for row in rows)
    keys = [(row["alias"], row["season"]) for row in rows]
    assert keys == sorted(set(keys))
    assert all(row["season"] for row in rows if row["reason"].startswith("initial only"))


# --- publications --------------------------------------------------------------------------------------------------------------


def test_the_last_publication_before_tip_off_counts(tmp_path: Path) -> None:
    quotes = [line("Moritz Wagner", m, value) for m, value in ((90, 20.5), (5, 21.5), (-5, 33.5))]
    built = made(tmp_path, [*quotes, line("Moe Wagner", 5, 29.5), line("Moritz Wagner", 90, 18.5, book="B")])
    assert built.good.select("book", "forecast", "name_match").rows() == [("A", 21.5, "exact"), ("B", 18.5, "exact")]
    assert built.quarantine.is_empty()


def test_where_the_tip_off_is_assumed_the_days_first_publication_counts(tmp_path: Path) -> None:
    """A later one may have been made while the game was on. The last of these is of the next day, 0:30 Eastern."""
    quotes = [line("Moritz Wagner", m, value) for m, value in ((90, 20.5), (-60, 21.5), (-5 * 60, 33.5))]
    assert made(tmp_path, quotes, assumed=True).good["forecast"].to_list() == [20.5]
    assert made(tmp_path, quotes[1:], assumed=True).good["forecast"].to_list() == [21.5]


# --- the interval --------------------------------------------------------------------------------------------------------------


def loop(loss_a: np.ndarray, loss_b: np.ndarray, games: list[str], draws: int, seed: int) -> tuple[float, float]:
    """The same bootstrap, drawn row by row."""
    names = sorted(set(games))
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(draws):
        rows = [i for pick in rng.integers(0, len(names), len(names)) for i, g in enumerate(games) if g == names[pick]]
        means.append(loss_a[rows].mean() - loss_b[rows].mean())
    return tuple(np.quantile(means, [0.025, 0.975]))


def bootstrap(differences: np.ndarray, games: object, draws: int = 2000, seed: int = 7) -> Interval:
    return paired_bootstrap(differences[:, np.newaxis], pl.Series(games), draws, seed)[0]


def test_the_interval_is_that_of_games_drawn_one_by_one() -> None:
    rng = np.random.default_rng(1)
    games = [f"g{i}" for i in rng.integers(0, 12, 60)]
    a, b = rng.exponential(5, 60), rng.exponential(5, 60)
    found = bootstrap(a - b, games, draws=300, seed=3)
    assert (found.low, found.high) == pytest.approx(loop(a, b, games, 300, 3))
    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert (found.games, found.rows) == (len(set(games)), 60)
    assert found == bootstrap(a - b, games, draws=300, seed=3)
    assert found != bootstrap(a - b, games, draws=300, seed=4)


def test_two_games_by_hand() -> None:
    """Two games with differences 1 (three rows) and -1 (one row): a draw is 1, -1 or (3 - 1) / 4."""
    found = bootstrap(np.array([1.0, 1, 1, -1]), ["a", "a", "a", "b"])
    assert (found.difference, found.low, found.high) == (0.5, -1.0, 1.0)


def test_pairs_stay_together() -> None:
    """A loss shared by both, however wild, cancels; unpaired draws would put 0 far inside."""
    rng = np.random.default_rng(2)
    shared = rng.exponential(100, 400)
    games = np.repeat(np.arange(40), 10).astype(str)
    found = bootstrap(shared + 1 + rng.normal(0, 0.1, 400) - shared, games)
    assert 0.95 < found.low < found.difference < found.high < 1.05


def test_games_and_not_rows_are_drawn() -> None:
    """Where the rows of a game are alike, the interval is that of the games' number, much wider than that of the rows'."""
    effect = np.repeat(np.random.default_rng(3).normal(0, 1, 50), 20)
    by_game = bootstrap(effect, np.repeat(np.arange(50), 20).astype(str))
    by_row = bootstrap(effect, np.arange(1000).astype(str))
    assert by_game.high - by_game.low > 3 * (by_row.high - by_row.low)
    assert by_game.high - by_game.low == pytest.approx(2 * 1.96 * effect.std() / np.sqrt(50), rel=0.15)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    games = np.repeat(np.arange(60), 5).astype(str)
    hits = 0
    for _ in range(200):
        noise = np.repeat(rng.normal(0, 1, 60), 5) + rng.normal(0, 1, 300)
        found = bootstrap(0.3 + noise, games, draws=300)
        hits += found.low <= 0.3 <= found.high
    assert 180 <= hits <= 198  # 95 %, a little less for so few games


# --- the comparison ------------------------------------------------------------------------------------------------------------


def scored(**more: list[object]) -> pl.DataFrame:
    """Four players who played, two a game."""
    base: dict[str, list[object]] = {
        "season": [SEASON] * 4,
        "game_id": [GAME, GAME, NEXT, NEXT],
        "player_id": ["1", "2", "1", "2"],
        "pts": [20, 10, 12, 8],
        "reb": [5, 5, 4, 4],
        "ast": [5, 5, 4, 4],
        "dk_points": [40.0, 20.0, 30.0, 10.0],
        "dk_points_hat": [38.0, 24.0, 30.0, None],
        "pts_hat": [19.0, 12.0, 12.0, 8.0],
        "reb_hat": [5.0] * 4,
        "ast_hat": [5.0] * 4,
    }
    return pl.DataFrame(base | more)


def peer() -> pl.DataFrame:
    days = {GAME: DAY, NEXT: DAY + dt.timedelta(days=4)}  # the next month
    projections = [
        (GAME, "1", 36.0, 41.5),
        (GAME, "2", 20.0, 20.0),
        (NEXT, "1", 33.0, None),
        (NEXT, "2", 12.0, 10.0),
        (NEXT, "7", 9.0, 0.0),
    ]
    lines = [("A", 28.5), ("B", 30.5), ("C", 45.5)]
    return filled(
        "silver.peer_forecast",
        [
            {"source": "linestar", "stat": "dk_points", "game_id": g, "player_id": p, "game_date": days[g], "forecast": f, "scored": s}
            for g, p, f, s in projections
        ]
        + [
            {"source": "props", "stat": "pra", "book": b, "game_id": GAME, "player_id": "1", "game_date": DAY, "forecast": f}
            for b, f in lines
        ],
    )


def figure(rows: pl.DataFrame, predictor: str, metric: str, target: str = "dk_points", segment: str = "linestar") -> float:
    return rows.filter(predictor=predictor, metric=metric, target=target, segment=segment)["value"].item()


def test_linestar_by_hand() -> None:
    rows = check(compare_linestar(scored(), peer()), "evals.player")
    assert figure(rows, "player_box", "mae") == pytest.approx((2 + 4 + 0) / 3)
    assert figure(rows, "linestar", "mae") == pytest.approx((4 + 0 + 3) / 3)
    assert figure(rows, "blend", "mae") == pytest.approx((3 + 2 + 1.5) / 3)
    assert figure(rows, "player_box", "mae_minus_peer") == pytest.approx(-1 / 3)
    assert figure(rows, "linestar", "bias") == pytest.approx((-4 + 0 + 3) / 3)
    # linestar's own count: 41.5 for the first, none for the third
    assert figure(rows, "player_box", "mae", "dk_points_by_source") == pytest.approx((3.5 + 4) / 2)
    assert figure(rows, "linestar", "mae", "dk_points_by_source") == pytest.approx((5.5 + 0) / 2)
    assert rows.filter(segment="linestar", target="dk_points").select("rows", "rows_missing").unique().rows() == [(3, 1)]
    months = rows.filter(target="dk_points", predictor="blend", metric="mae").select("segment", "value", "rows", "rows_missing").rows()
    assert months == [("linestar", pytest.approx(6.5 / 3), 3, 1), ("linestar 2024-01", 2.5, 2, 0), ("linestar 2024-02", 1.5, 1, 1)]
    assert rows.filter(pl.col("value_low").is_not_null())["metric"].unique().to_list() == ["mae_minus_peer"]
    assert "mae_minus_peer" not in rows.filter(predictor="linestar")["metric"].to_list()


def test_books_by_hand() -> None:
    assert consensus_lines(peer()).select("game_id", "player_id", "forecast", "books").rows() == [(GAME, "1", 30.5, 3)]
    rows = check(compare_props(scored(), peer()), "evals.player")
    assert figure(rows, "player_box", "mae", "pra", "books") == 1
    assert figure(rows, "books", "mae", "pra", "books") == 0.5
    assert figure(rows, "player_box", "mae_minus_peer", "pra", "books") == 0.5


def test_our_median_joins_in_where_it_is_there() -> None:
    rows = compare_linestar(scored(dk_points_p50=[40.0, 20.0, 30.0, 10.0]), peer())
    assert figure(rows, "player_box:p50", "mae") == 0
    assert rows.filter(metric="mae", segment="linestar", target="dk_points")["rows"].unique().to_list() == [3]


def test_who_did_not_play_or_was_not_projected_does_not_count() -> None:
    apart = scored(played=[1, 0, 1, 1], is_starter=[1, 1, 0, None])
    rows = compare_linestar(apart, peer())
    assert figure(rows, "player_box", "mae") == 1
    assert figure(rows, "player_box", "mae", segment="linestar starter") == 2
    assert figure(rows, "player_box", "mae", segment="linestar bench") == 0
    out = peer().with_columns(pl.when(pl.col("game_id") == NEXT).then(0.0).otherwise("forecast").alias("forecast"))
    assert compare_linestar(scored(), out).filter(segment="linestar", target="dk_points")["rows"].unique().to_list() == [2]


def test_runs_are_named_and_the_peer_has_none() -> None:
    rows = compare_linestar(scored(minutes_run_id=["m"] * 4, rates_run_id=["r1", "r1", "r2", "r2"]), peer())
    assert set(rows.filter(segment="linestar", target="dk_points").select("predictor", "model_run_id").rows()) == {
        ("player_box", "m, r1, r2"),
        ("blend", "m, r1, r2"),
        ("linestar", None),
    }
    joined = compare_linestar(scored(model_run_id=["m, r1", "m, r1", "m, r2", None]), peer())
    assert joined.filter(segment="linestar", target="dk_points")["model_run_id"].drop_nulls().unique().to_list() == ["m, r1, r2"]


def test_frames_that_lack_something_are_one_clear_line() -> None:
    with pytest.raises(RatesError, match="scored predictions lack dk_points_hat: "):
        compare_linestar(scored().drop("dk_points_hat"), peer())
    with pytest.raises(RatesError, match="2 scored predictions share their season, game and player"):
        compare_props(pl.concat([scored(), scored().head(1)]), peer())


def test_a_season_without_peers_gives_no_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert compare_peers(lake, scored()).is_empty()
    lake.write("silver.peer_forecast", peer(), SEASON)
    rows = compare_peers(lake, scored())
    assert rows["target"].unique().sort().to_list() == ["dk_points", "dk_points_by_source", "pra"]
    assert rows.equals(compare_peers(lake, scored()))
    assert compare_linestar(scored(season=[1999] * 4), peer()).is_empty()
