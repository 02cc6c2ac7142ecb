"""Missing inputs of a projection, in words: the column `fell_back_on`, and the same for a whole game.

Belongs here: the inputs whose lack is reported, and the words. Does not belong here: how models deal with the lack (`models/`).
"""

from __future__ import annotations

import polars as pl

FEW_PLAYERS = 9  # a team with fewer available players distributes minutes unlike in its other games
SEPARATOR = "; "
_NAMED = 5  # players named in a line


def fell_back_on(frame: pl.DataFrame) -> pl.Expr:
    """The column `fell_back_on`, for rows of whole teams.

    Args:
        frame: is_starter, availability_source, play_prob, model_fallback, model_window (predictions.minutes), total_close,
            season_form_source and, if present, new_team_flag (`assemble.player_features`) and pts_given (`models.second_stage`).

    Returns:
        An expression for `frame`: the words joined by "; "; an empty string if no input is missing.
    """
    players = (pl.col("play_prob") > 0).sum().over("game_id", "team_id")
    words = [
        _word(pl.col("total_close").is_null(), pl.lit("no lines")),
        _word(pl.col("is_starter").is_null(), pl.lit("no starters")),
        _word(pl.col("availability_source") == "none", pl.lit("no list")),
        _word(pl.col("season_form_source") == "none", pl.lit("new player")),
        _word(players < FEW_PLAYERS, pl.format("few players: {}", players)),
        _word(pl.col("model_fallback"), pl.format("model of {}", pl.col("model_window").str.slice(0, 7))),
    ]
    if "pts_given" in frame.columns:
        words.append(_word(pl.col("pts_given").is_null(), pl.lit("no second stage")))
    if "new_team_flag" in frame.columns:
        words.insert(4, _word(pl.col("new_team_flag") == 1, pl.lit("new team")))
    return pl.concat_str(words, separator=SEPARATOR, ignore_nulls=True).alias("fell_back_on")


def game_fell_back_on() -> pl.Expr:
    """The column `fell_back_on` of predictions.team, from its other columns and minutes_source."""
    words = [
        _word(pl.col("spread_home").is_null() | pl.col("total").is_null(), pl.lit("no lines")),
        _word(pl.col("availability_source") == "none", pl.lit("no list")),
        _word(pl.col("minutes_source") == "none", pl.lit("no minutes model")),
        _word(pl.col("model_fallback"), pl.format("model of {}", pl.col("model_window").str.slice(0, 7))),
    ]
    return pl.concat_str(words, separator=SEPARATOR, ignore_nulls=True).alias("fell_back_on")


def of_game(rows: pl.DataFrame) -> list[str]:
    """The words of one game, each once: without names if it applies to all, else with the teams or players concerned.

    Args:
        rows: one game's players: team_abbreviation, player_name, player_id, play_prob, fell_back_on; players who cannot play are left out.

    Returns:
        E.g. `["no lines", "no starters: GSW", "new player: A. Rookie, B. Rookie"]`, in the order of the first row with each word.
    """
    about: dict[str, dict[str, list[str]]] = {}
    teams: dict[str, int] = {}
    for row in rows.filter(pl.col("play_prob") > 0).iter_rows(named=True):
        team = row["team_abbreviation"]
        teams[team] = teams.get(team, 0) + 1
        for word in filter(None, (row["fell_back_on"] or "").split(SEPARATOR)):
            about.setdefault(word, {}).setdefault(team, []).append(row["player_name"] or row["player_id"])
    return [_about(word, holders, teams) for word, holders in about.items()]


def _word(lacks: pl.Expr, word: pl.Expr) -> pl.Expr:
    return pl.when(lacks).then(word)


def _about(word: str, holders: dict[str, list[str]], teams: dict[str, int]) -> str:
    whole = [team for team, players in holders.items() if len(players) == teams[team]]
    if len(whole) == len(teams):
        return word
    players = [name for team, names in holders.items() if team not in whole for name in names]
    more = [f"{len(players) - _NAMED} more"] if len(players) > _NAMED else []
    return f"{word}: {', '.join([*whole, *players[:_NAMED], *more])}"
