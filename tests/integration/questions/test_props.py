"""Players' lines: chances and prices worked out by hand, which lines count, and that none is lost in silence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl
import pytest

from rates_assets.cli.views.props import props_as_dict, summary_of
from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake
from rates_lib.questions.price import ask, wilson
from rates_lib.questions.props import LATE, LINE, REPLACED, Props, choose, props_of
from rates_lib.schemas.tables import TABLES
from tests.frames.slate import AS_OF, DAY, TIPOFF, made_up, slate

GAME = "0022400000"
NAMES = {"00100": ("Nikola Jokić", 1.0), "00200": ("Jalen Green", 0.8), "00201": ("Jeff Green", 0.0), "00202": ("Deep Bench", 0.01)}
JOKIC, GREEN, OUT, BENCH = NAMES
EARLY, NOON, LATER = AS_OF - timedelta(hours=9), AS_OF - timedelta(hours=1), AS_OF + timedelta(minutes=1)


def quote(player: str, market: str, line: float | None, prices: tuple[float | None, float | None] = (-110, -110),
          published: datetime = NOON, book: str = "alpha", game: str = GAME) -> dict[str, object]:  # fmt: skip
    return {"season": 2024, "game_id": game, "book": book, "market": market, "subject_id": player, "published_utc": published,
            "published_assumed": False, "line": line, "price_home": prices[0], "price_away": prices[1], "source": "odds_quotes",
            "provider": "test", "fetched_at_utc": AS_OF}  # fmt: skip


def peer(player: str, line: float, prices: tuple[float | None, float | None], book: str = "Book", published: datetime = NOON,
         source: str = "props") -> dict[str, object]:  # fmt: skip
    return {"season": 2024, "source": source, "stat": "pra", "book": book, "game_id": GAME, "player_id": player,
            "player_name": NAMES[player][0], "name_match": "exact", "game_date": DAY, "forecast": line, "price_over": prices[0],
            "price_under": prices[1], "published_utc": published, "published_assumed": False}  # fmt: skip


def table(lake: Lake, name: str, rows: list[dict[str, object]], partition: str | int) -> None:
    spec = TABLES[name]
    lake.write(name, pl.DataFrame(rows, schema=spec.schema), partition)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Five worlds of one game: Jokić plays in all of them, Green in four, the others in none. `priced` replaces its lines."""
    lake, key = Lake(tmp_path_factory.mktemp("props")), DAY.isoformat()
    spec = TABLES["sims.worlds"]
    zero = dict.fromkeys(spec.columns, 0) | {"game_date": DAY, "game_id": GAME, "seconds": 600}
    drawn = [zero | {"world": w, "player_id": JOKIC, "team_id": "001", "pts": p, "dreb": 10, "ast": a}
             for w, (p, a) in enumerate([(20, 9), (27, 10), (30, 4), (26, 0), (40, 12)])]  # fmt: skip
    drawn += [zero | {"world": w, "player_id": GREEN, "team_id": "002", "pts": p} for w, p in enumerate([21, 20, 28, 26])]
    lake.write("sims.worlds", pl.DataFrame(drawn, schema=spec.schema).sort(spec.key), key)
    players = pl.DataFrame(
        [(p, p[:3], name, chance) for p, (name, chance) in NAMES.items()],
        ["player_id", "team_id", "player_name", "play_prob"], orient="row",
    ).with_columns(season=pl.lit(2024, pl.Int64), game_date=pl.lit(DAY), game_id=pl.lit(GAME), stat=pl.lit("pts"))  # fmt: skip
    lake.write("sims.player_summary", made_up(players, "sims.player_summary"), key)
    lake.write("predictions.player_box", made_up(players, "predictions.player_box"), key)
    lake.write("silver.game", made_up(slate(1)["games"], "silver.game"), 2024)
    return lake


def priced(
    lake: Lake, *quotes: dict[str, object], peers: Sequence[dict[str, object]] = (), refused: Sequence[tuple[str, str]] = (), **only: object
) -> Props:
    table(lake, "bronze.odds", list(quotes), 2024)
    table(lake, "silver.peer_forecast", list(peers), 2024)
    broken = [{"season": 2024, "row_key": "{}", "reason": reason, "row_json": row} for reason, row in refused]
    table(lake, "silver.peer_forecast_quarantine", broken, 2024)
    return props_of(lake, DAY, **only)  # type: ignore[arg-type]


def reasons(answer: Props) -> dict[str, int]:
    return dict(answer.left_out.group_by("reason").len().iter_rows())


# --- what a line is worth ---------------------------------------------------------------------------------------------


def test_a_line_that_is_hit_exactly_is_neither_won_nor_lost(lake):
    """Points 20, 27, 30, 26, 40 against 26: three over, one under, one push."""
    row = priced(lake, quote(JOKIC, "player_pts", 26)).rows.row(0, named=True)
    assert (row["worlds"], row["over_prob"], row["push_prob"]) == (4, 0.75, 0.2)
    assert (row["over_prob_low"], row["over_prob_high"]) == wilson(3, 4)
    assert (row["fair_over_american"], row["fair_under_american"]) == pytest.approx((-300, 300))
    assert (row["fair_over_decimal"], row["fair_under_decimal"]) == pytest.approx((4 / 3, 4))
    assert (row["vig_free_over_prob"], row["side"], row["edge"]) == (0.5, "over", 0.25)
    assert row["expected_value"] == pytest.approx(3 / 5 * (100 / 110) - 1 / 5)  # a fifth of the stakes comes back
    assert (row["player_name"], row["team_abbreviation"], row["play_prob"], row["after_as_of"]) == ("Nikola Jokić", "BOS", 1.0, False)
    assert row["within_noise"]  # four worlds say little


def test_worlds_without_him_do_not_count_and_the_better_side_is_taken(lake):
    """Points 21, 20, 28, 26 against 25.5: two of the player's four worlds. The book: .6 and 100 / 230."""
    row = priced(lake, quote(GREEN, "player_points", 25.5, (-150, 130))).rows.row(0, named=True)
    assert (row["stat"], row["worlds"], row["over_prob"], row["push_prob"], row["play_prob"]) == ("pts", 4, 0.5, 0, 0.8)
    book = 0.6 / (0.6 + 100 / 230)
    assert row["vig_free_over_prob"] == pytest.approx(book)
    assert (row["side"], row["edge"], row["expected_value"]) == ("under", pytest.approx(book - 0.5), pytest.approx(0.5 * 2.3 - 1))


def test_a_price_of_one_side_tells_no_margin(lake):
    answer = priced(lake, quote(GREEN, "player_pts", 30.5, (300, None)), quote(JOKIC, "player_double_double", None, (None, None)))
    event, one = answer.rows.sort("player_id").rows(named=True)
    assert (one["vig_free_over_prob"], one["edge"], one["within_noise"]) == (None, None, None)
    assert (one["side"], one["over_prob"], one["expected_value"]) == ("over", 0, -1)
    assert (one["fair_over_american"], one["fair_over_decimal"]) == (None, None)
    assert (event["line"], event["over_prob"], event["side"], event["expected_value"]) == (0.5, 1, None, None)
    assert priced(lake, quote(GREEN, "player_pts", 30.5, (300, None)), least_edge=0.01).rows.is_empty()


@pytest.mark.parametrize(
    ("player", "stat", "line"),
    [(JOKIC, "pts", 26), (JOKIC, "pra", 45.5), (JOKIC, "reb", 9.5), (GREEN, "pts", 21), (JOKIC, "ast", 9.0), (JOKIC, "dk_points", 44.25),
     (JOKIC, "triple_double", 0.5), (GREEN, "minutes", 9.5)],
)  # fmt: skip
def test_it_is_what_the_same_question_gets(lake, player, stat, line):
    row = priced(lake, quote(player, f"player_{stat}", line), quote(GREEN, "player_pts", 3.5, book="beta")).rows.filter(
        line=line, stat=stat
    )
    asked = ask(lake, f"{NAMES[player][0]} {stat} over {line}", DAY).price
    assert row.select("over_prob", "over_prob_low", "over_prob_high", "worlds").row(0) == (
        asked.chance, asked.low, asked.high, asked.worlds,
    )  # fmt: skip


# --- which lines count ------------------------------------------------------------------------------------------------


def test_the_newest_line_that_was_out_by_then_counts(lake):
    answer = priced(
        lake,
        quote(JOKIC, "player_pts", 20.5, published=EARLY),
        quote(JOKIC, "player_pts", 25.5, published=AS_OF),
        quote(JOKIC, "player_pts", 35.5, published=LATER),
        quote(JOKIC, "player_pts", 28.5, book="beta", published=EARLY),
    )
    assert sorted(answer.rows.select("book", "line").iter_rows()) == [("alpha", 25.5), ("beta", 28.5)]
    assert reasons(answer) == {LATE: 1, REPLACED: 1}
    assert answer.left_out.filter(reason=LATE)["line"].item() == 35.5
    assert answer.as_of_utc == AS_OF


def test_both_tables_count_and_a_book_in_both_once(lake):
    answer = priced(
        lake,
        quote(JOKIC, "player_points_rebounds_assists", 40.5, book="Book", published=NOON),
        peers=(peer(JOKIC, 45.5, (-115, -105), published=EARLY), peer(JOKIC, 44.5, (-115, -105), "Other"),
               peer(JOKIC, 50.0, (None, None), "Other", source="linestar")),
    )  # fmt: skip
    assert sorted(answer.rows.select("book", "stat", "line", "source").iter_rows()) == [
        ("Book", "pra", 40.5, "bronze.odds"),
        ("Other", "pra", 44.5, "silver.peer_forecast"),
    ]
    assert reasons(answer) == {REPLACED: 1}


def test_nothing_is_lost_in_silence(lake):
    quotes = [
        quote(JOKIC, "player_pts", 25.5),
        quote(JOKIC, "player_dunks", 1.5),
        quote(JOKIC, "player_reb", None),
        quote(JOKIC, "player_ast", 8.5, (1.9, 1.9)),
        quote(JOKIC, "player_oreb", 0.0),
        quote(OUT, "player_pts", 9.5),
        quote(BENCH, "player_pts", 2.5),
        quote("00999", "player_pts", 9.5),
        quote(GREEN, "player_pts", 9.5, published=LATER),
        quote(GAME, "spread", -3.5),
        quote(JOKIC, "player_pts", 3.5, game="0022400999"),
    ]
    unknown = {"source": "props", "game_date": str(DAY), "stat": "pra", "player_name": "X. Y", "forecast": "9.5"}
    refused = [("unknown player X. Y", unknown), ("another rule", unknown), ("the next day", unknown | {"game_date": "2024-12-26"})]
    answer = priced(lake, *quotes, refused=[(reason, json.dumps(row)) for reason, row in refused])
    assert answer.rows.select("stat", "line").rows() == [("pts", 25.5)]
    assert reasons(answer) == {
        "a statistic that worlds do not have": 1,
        "no number": 1,
        "a price between -100 and 100, which American odds cannot be": 1,
        "the player plays in no world, or hits the line exactly in all": 2,
        "ruled out": 1,
        "not among the candidates of its game": 1,
        LATE: 1,
        "silver.peer_forecast refused it: unknown player X. Y": 1,
    }
    assert answer.left_out.filter(pl.col("source") == "silver.peer_forecast").select("player_name", "book", "line").row(0) == (
        "X. Y",
        "props",
        9.5,
    )
    assert answer.rows.height + answer.left_out.height == 9 + 1  # quotes of players of the day, and what was refused
    ((reason, lines, example), *_) = summary_of(answer.left_out)
    assert (reason, lines) == ("the player plays in no world, or hits the line exactly in all", 2)
    assert "Nikola Jokić oreb 0.0 alpha" in example or "Deep Bench pts 2.5 alpha" in example
    printed = props_as_dict(answer, DAY)
    assert (len(printed["lines"]), len(printed["left_out"]), printed["lines_priced"]) == (1, 9, 1)


def test_lines_of_the_whole_day_count_where_the_tip_off_is_assumed():
    players = pl.DataFrame(
        {"game_id": GAME, "player_id": JOKIC, "player_name": "J", "team_abbreviation": "BOS", "play_prob": 1.0, "as_of_utc": TIPOFF,
         "tipoff_utc": TIPOFF, "whole_day": True}
    )  # fmt: skip
    rows = [
        dict.fromkeys(LINE) | {"game_id": GAME, "player_id": JOKIC, "stat": "pts", "book": f"{hours}", "line": 9.5,
                               "published_utc": TIPOFF + timedelta(hours=hours)}
        for hours in (-1, 5, 20)
    ]  # fmt: skip
    lines = pl.DataFrame(rows, schema=LINE | {"reason": pl.String})
    kept, left = choose(lines, players)
    assert kept.select("book", "after_as_of").rows() == [("-1", False), ("5", True)]
    assert left.select("book", "reason").rows() == [("20", LATE)]
    kept, left = choose(lines, players.with_columns(whole_day=False))
    assert (kept["book"].to_list(), left["book"].to_list()) == (["-1"], ["20", "5"])


def test_best_edge_first_and_what_is_asked_for_alone(lake):
    quotes = [
        quote(JOKIC, "player_pts", 26),  # edge .25
        quote(GREEN, "player_pts", 25.5, (-150, 130), book="beta"),  # .08
        quote(JOKIC, "player_reb", 9.5, book="beta"),  # .5
        quote(JOKIC, "player_ast", 8.5, (-110, None)),  # none
    ]
    answer = priced(lake, *quotes)
    assert answer.rows["stat"].to_list() == ["reb", "pts", "pts", "ast"]
    some = priced(lake, *quotes, least_edge=0.1)
    assert (some.rows.height, some.priced) == (2, 4)
    assert priced(lake, *quotes, book="BETA").rows["stat"].to_list() == ["reb", "pts"]
    assert priced(lake, *quotes, stat="points").rows.height == 2
    with pytest.raises(RatesError, match="no line of 2024-12-25 is of book 'gamma': there are alpha, beta"):
        priced(lake, *quotes, book="gamma")
    with pytest.raises(RatesError, match="is of stat 'fg3m': there are ast, pts, reb"):
        priced(lake, *quotes, stat="threes")


def test_errors_name_the_remedy(lake, tmp_path):
    with pytest.raises(RatesError, match=r"no player's line has landed for 2024-12-25: .*peer_forecast.*odds_quotes.*rates land"):
        priced(lake, quote(GAME, "spread", -3.5))
    with pytest.raises(RatesError, match="no worlds of 2024-12-25: run `rates slate 2024-12-25` first"):
        props_of(Lake(tmp_path / "empty"), DAY)
