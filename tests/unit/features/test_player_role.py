"""Roles: what a day may know, who is what his position is, names that stay, and the figures said about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.core.numerics.clusters import partial_distances
from rates_lib.evaluation import roles as said
from rates_lib.features import player_role
from rates_lib.features.history import History
from rates_lib.features.player_role import PROBS, PROTOTYPES, role_dates, role_estimates, roles_of
from rates_lib.features.role_profile import BOX, LEAST_TRACKED_MINUTES, TRACKED, WEIGHT, profiles, tracking_totals
from rates_lib.schemas.columns import ROLES
from tests.frames.histories import random_history

HISTORY = random_history()
MADE = role_estimates(HISTORY)


def renamed(history: History, new: dict[str, str]) -> History:
    """The same league under other ids."""
    frames = ("player_game", "tracking_game", "tracking_season", "player_bio", "availability")
    return replace(history, **{name: getattr(history, name).with_columns(pl.col("player_id").replace(new)) for name in frames})


def asked(*rows: tuple[int, date, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["season", "game_date", "player_id", "position_primary"], orient="row")


def test_estimates_are_of_the_first_game_and_the_first_of_later_months() -> None:
    days = {2021: ("2021-10-19", "2021-10-30", "2021-12-02", "2022-01-01"), 2022: ("2022-10-18",)}
    game = pl.concat(
        [HISTORY.game.head(1).with_columns(season=pl.lit(s), game_date=pl.lit(date.fromisoformat(d))) for s, ds in days.items() for d in ds]
    )
    found = role_dates(replace(HISTORY, game=game))
    assert [str(d) for d in found["estimate_date"]] == ["2021-10-19", "2021-12-01", "2022-01-01", "2022-10-18"]
    assert (found["estimate_date"] - found["known_through"]).unique().to_list() == [timedelta(days=1)]


def test_an_estimate_knows_nothing_of_its_own_day() -> None:
    day = MADE.players["estimate_date"].min()
    assert day in HISTORY.game["game_date"]  # the season's first game
    before = role_estimates(HISTORY.before(day)).players.filter(pl.col("estimate_date") == day)
    assert_frame_equal(before, MADE.players.filter(pl.col("estimate_date") == day), check_exact=True)


def test_a_game_knows_the_newest_estimate_not_after_it() -> None:
    first, second = MADE.players["estimate_date"].unique().sort()
    player = MADE.players["player_id"][0]
    days = [first - timedelta(days=200), first, second - timedelta(days=1), second, second + timedelta(days=90)]
    rows = roles_of(asked((2021, days[0], player, "PG"), *((2022, d, player, "PG") for d in days[1:])), HISTORY)
    of = {
        d: MADE.players.filter((pl.col("player_id") == player) & (pl.col("estimate_date") == d)).select(PROBS).row(0)
        for d in (first, second)
    }
    assert rows.select(PROBS).rows() == [(None,) * len(ROLES), of[first], of[first], of[second], of[second]]
    assert rows["role_source"].to_list() == ["none", *["estimate"] * 4]


def test_a_rookie_is_what_his_position_is() -> None:
    last = MADE.players["estimate_date"].max()
    rows = roles_of(asked((2022, last, "nobody", "C"), (2022, last, "no one", "PG")), HISTORY)
    assert rows["role_source"].to_list() == ["position", "position"]
    assert np.allclose(rows.select(PROBS).to_numpy().sum(axis=1), 1.0)
    assert rows.row(0)[4:] != rows.row(1)[4:]
    known = MADE.players.filter(pl.col("estimate_date") == last).select("position_primary", "role_prior").unique()
    assert rows["player_role"].to_list() == [known.filter(pl.col("position_primary") == p)["role_prior"].item() for p in ("C", "PG")]


def test_who_has_played_little_is_nearer_to_his_position(monkeypatch: pytest.MonkeyPatch) -> None:
    def to_position(minutes: float) -> float:
        monkeypatch.setattr(player_role, "POSITION_MINUTES", minutes)
        rows = role_estimates(replace(HISTORY)).players.filter(pl.col("estimate_date") == MADE.players["estimate_date"].max())
        prior = roles_of(
            rows.select("season", game_date="estimate_date", player_id=pl.lit("x"), position_primary="position_primary"), HISTORY
        )
        return float(np.abs(rows.select(PROBS).to_numpy() - prior.select(PROBS).to_numpy()).mean())

    assert to_position(1e9) < 1e-6 < to_position(150.0) < to_position(0.0)


def test_roles_do_not_depend_on_ids_or_their_order() -> None:
    ids = sorted(set(HISTORY.player_game["player_id"]))
    new = dict(zip(ids, np.random.default_rng(5).permutation([f"q{i:02}" for i in range(len(ids))]), strict=True))
    other = role_estimates(renamed(HISTORY, new)).players
    back = MADE.players.with_columns(pl.col("player_id").replace(new)).sort("season", "estimate_date", "player_id")
    assert back.select("estimate_date", "player_id", "player_role").equals(other.select("estimate_date", "player_id", "player_role"))
    assert np.allclose(back.select(PROBS).to_numpy(), other.select(PROBS).to_numpy())


def test_the_first_estimate_gives_each_kind_of_player_its_name() -> None:
    """A league in which every role is there, in any order and half of it without tracking."""
    rng = np.random.default_rng(2)
    of = rng.permutation(np.repeat(np.arange(len(ROLES)), 30))
    start = np.full((len(ROLES), len(WEIGHT)), np.nan)
    start[:, : len(BOX)] = [PROTOTYPES[role] for role in ROLES]
    tracking = rng.normal(0, 1, (len(ROLES), len(WEIGHT) - len(BOX)))
    x = np.column_stack([start[of, : len(BOX)], tracking[of]]) + rng.normal(0, 0.25, (len(of), len(WEIGHT)))
    x[::2, len(BOX) :] = np.nan
    centres = player_role._centres(x, start)
    assert (partial_distances(x, centres, WEIGHT).argmin(axis=1) == of).mean() > 0.97
    assert centres[:, len(BOX) :] == pytest.approx(tracking, abs=0.3)  # learnt from those who have it


def test_without_tracking_roles_are_made_from_the_box_score() -> None:
    blind = replace(HISTORY, tracking_game=HISTORY.tracking_game.clear(), tracking_season=HISTORY.tracking_season.clear())
    rows = MADE.players.select("season", "player_id", "position_primary", game_date="estimate_date")
    assert np.isnan(profiles(rows, blind)[0][:, len(BOX) :]).all()
    assert role_estimates(blind).players.select(PROBS).null_count().sum_horizontal().item() == 0


def test_tracking_is_of_the_previous_season_and_of_games_before() -> None:
    day = sorted(HISTORY.tracking_game.filter(pl.col("season") == 2022)["game_date"].unique())[1]
    rows = pl.DataFrame({"season": [2022], "game_date": [day], "player_id": ["p3"]})
    own = HISTORY.tracking_game.filter(pl.col("player_id") == "p3")
    games = own.filter((pl.col("season") == 2021) | (pl.col("game_date") < day))
    found = tracking_totals(rows, HISTORY)
    assert games["minutes_tracking"].sum() < LEAST_TRACKED_MINUTES  # too few to say anything
    assert found.select(f"_t_{c}" for c in TRACKED).row(0) == (None,) * len(TRACKED)
    more = replace(HISTORY, tracking_game=HISTORY.tracking_game.with_columns(pl.col("minutes_tracking") + 100))
    found = tracking_totals(rows, more)
    assert found["_t_touches"].item() == 1000 * games["touches"].sum()
    assert found["_t_minutes_tracking"].item() == 1000 * (games["minutes_tracking"].sum() + 100 * games.height)
    seasons = tracking_totals(rows, replace(HISTORY, tracking_game=HISTORY.tracking_game.clear()))
    assert (
        seasons["_t_touches"].item()
        == 1000 * HISTORY.tracking_season.filter((pl.col("season") == 2021) & (pl.col("player_id") == "p3"))["touches"].item()
    )


# --- what is said about them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "index"),
    [("aabb", "xxyy", 1.0), ("aabb", "bbaa", 1.0), ("aabb", "aabc", 0.5714285714), ("aaaa", "abcd", 0.0), ("aabb", "abab", -0.5)],
)
def test_adjusted_rand_index(one: str, other: str, index: float) -> None:
    assert said.adjusted_rand(list(one), list(other)) == pytest.approx(index)


def test_stability_compares_neighbours_of_a_season() -> None:
    def estimate(season: int, day: str, roles: str, minutes: float = 500.0) -> pl.DataFrame:
        names = {"h": "helio", "f": "finisher"}
        return pl.DataFrame({"season": season, "estimate_date": date.fromisoformat(day), "player_id": [f"p{i}" for i in range(len(roles))],
                             "player_role": [names[r] for r in roles], "role_minutes": [minutes] * (len(roles) - 1) + [1.0]})  # fmt: skip

    said_so = ((2021, "2022-04-01", "ffff"), (2022, "2022-10-18", "hhffh"), (2022, "2022-11-01", "hhffff"), (2022, "2022-12-01", "ffhhh"))
    players = pl.concat([estimate(*one) for one in said_so])
    found = said.stability(players)
    everybody = found.filter(pl.col("kind") == "all")
    assert everybody["players"].to_list() == [5, 5]
    assert everybody["same_role"].to_list() == pytest.approx([0.8, 0.0])
    regular = found.filter(pl.col("kind") == "regular")
    assert regular["players"].to_list() == [4, 4]
    assert regular["adjusted_rand"].to_list() == [1.0, 1.0]  # the same parts under other names are as steady
    assert regular["same_role"].to_list() == [1.0, 0.0]  # but not to who reads the names
    assert said.transitions(players)[ROLES.index("helio"), ROLES.index("finisher")] == pytest.approx(0.5)
    assert said.by_season(found)["adjusted_rand_min"].to_list() == pytest.approx([everybody["adjusted_rand"].min(), 1.0])


def test_the_picture_has_the_same_bytes() -> None:
    made = said.picture(MADE.players)
    assert made.startswith("data:image/png;base64,iVBOR")
    assert said.picture(MADE.players) == made


def test_a_known_player_has_the_role_of_most_estimates() -> None:
    player = MADE.players["player_id"][0]
    found = said.journey(MADE.players, {player: "Known Name", "other": "Somebody Else"}, ("known name", "missing"))
    assert found.height == 1
    assert found["of"].item() == MADE.players["estimate_date"].n_unique()
    assert found["player_role"].item() in MADE.players.filter(pl.col("player_id") == player)["player_role"].to_list()
    assert found["next_role"].item() != found["player_role"].item()
