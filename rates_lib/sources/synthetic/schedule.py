"""Schedule: opponents, days and tip-offs.

Belongs here: pairings, dates, tip-offs, postponements, neutral sites, game ids. Does not belong here: results.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from rates_lib.sources.synthetic.base import Bools, Dates, Floats, Ints, dates, landed, take, utc
from rates_lib.sources.synthetic.names import LATE_TEAMS, TEAMS, team_ids

_EASTERN = ZoneInfo("America/New_York")
_WEEKDAY = np.array([7.5, 6.5, 10.5, 4.0, 10.5, 7.5, 7.0])  # games wanted, Monday first
_TIPS = np.array([1140, 1170, 1200, 1230, 1260, 1290, 1320, 1350])  # minutes after midnight, Eastern
_EARLY = np.array([0.36, 0.28, 0.24, 0.06, 0.03, 0.01, 0.01, 0.01])
_LATE = np.array([0.02, 0.03, 0.05, 0.05, 0.25, 0.10, 0.35, 0.15])


@dataclass(frozen=True)
class Games:
    """Games in order of date, tip-off and number; teams are positions in names.TEAMS.

    `number`: last five digits of the id; `day`: Eastern date, datetime64[D]; `tip`: minutes after midnight, Eastern.
    """

    season: int
    number: Ints
    day: Dates
    tip: Ints
    home: Ints
    away: Ints
    neutral: Bools

    @property
    def ids(self) -> pl.Series:
        """Game ids, as the league writes them."""
        return pl.Series([f"002{self.season % 100:02d}{k:05d}" for k in self.number.tolist()], dtype=pl.String)

    @property
    def tip_utc(self) -> Dates:
        """Tip-off, naive datetime64[us] that is UTC."""
        return eastern(self.day, self.tip)


def eastern(day: Dates, minutes: Ints | int) -> Dates:
    """Instants (naive datetime64[us], UTC) `minutes` after midnight on Eastern dates, for afternoons and evenings."""
    known, where = np.unique(day, return_inverse=True)
    noons = [datetime(d.year, d.month, d.day, 12, tzinfo=_EASTERN) for d in known.astype("datetime64[D]").tolist()]
    offset = np.array([int(noon.utcoffset().total_seconds()) // 60 for noon in noons])  # type: ignore[union-attr]
    passed = ((minutes - offset[where]) * 60_000_000).astype("timedelta64[us]")
    return np.asarray(day.astype("datetime64[us]") + passed, "datetime64[us]")


def make_schedule(season: int, teams: int, games: int, rng: np.random.Generator) -> tuple[Games, Games]:
    """The played games, and the postponed entries whose replays are among them.

    Args:
        season: start year.
        teams: number of teams.
        games: games of each team.
        rng: the season's stream.

    Raises:
        ValueError: if so many games a team cannot be paired (see `pairings`).
    """
    home, away = pairings(teams, games, rng)
    day = _assign(home, away, _playing_days(season, games), teams, rng)
    late = np.array([abbreviation in LATE_TEAMS for abbreviation, _ in TEAMS])[home]
    tip = np.where(late, rng.choice(_TIPS, home.size, p=_LATE), rng.choice(_TIPS, home.size, p=_EARLY))
    neutral = np.zeros(home.size, np.bool_)
    neutral[rng.choice(home.size, 2, replace=False)] = True
    order = np.lexsort((home, tip, day))
    number = np.arange(1, home.size + 1)
    planned = Games(season, number, day[order], tip[order], home[order], away[order], neutral[order])

    replays = _postponements(planned, int(1 + (rng.random() < 0.5)), rng)
    put_off = _pick(planned, np.array(sorted(replays), np.int64))
    for extra, (game, later) in enumerate(sorted(replays.items()), start=1):
        planned.day[game], planned.number[game] = later, home.size + extra
    return _pick(planned, np.lexsort((planned.number, planned.tip, planned.day))), put_off


def pairings(teams: int, games: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Home and away teams so that each team plays `games`, half of them (give or take one or two) at home.

    All pairs meet equally often; remaining games go to neighbours on a shuffled circle.

    Raises:
        ValueError: for fewer than four teams, or an odd number of teams with an odd number of games.
    """
    if teams < 4 or teams > len(TEAMS) or teams * games % 2:
        raise ValueError(f"{teams} teams cannot play {games} games each: 4 to {len(TEAMS)} teams, teams x games even")
    circle = rng.permutation(teams)
    every, extra = divmod(games, teams - 1)
    offsets = rng.permutation(np.arange(1, (teams - 1) // 2 + 1))
    rounds = {int(k): every + int(i < extra // 2) for i, k in enumerate(offsets)}
    if teams % 2 == 0:
        rounds[teams // 2] = every + extra % 2
    home: list[int] = []
    away: list[int] = []
    for k, meetings in rounds.items():
        for i in range(teams // 2 if 2 * k == teams else teams):
            for meeting in range(meetings):
                a, b = (i, (i + k) % teams) if (meeting + (2 * k == teams) * i) % 2 == 0 else ((i + k) % teams, i)
                home.append(int(circle[a]))
                away.append(int(circle[b]))
    return np.array(home, np.int64), np.array(away, np.int64)


def schedule_frame(played: Games, put_off: Games) -> pl.DataFrame:
    """The dataset `schedule`: played games are final, postponed entries keep their first date."""
    parts = []
    for games, status in ((played, "final"), (put_off, "postponed")):
        ids, codes = pl.Series(team_ids(len(TEAMS))), pl.Series([code for code, _ in TEAMS])
        parts.append(
            pl.DataFrame(
                {
                    "GAME_ID": games.ids,
                    "GAME_DATE": dates(games.day),
                    "TIPOFF_UTC": utc(games.tip_utc),
                    "TIPOFF_ASSUMED": pl.repeat(False, games.day.size, eager=True),
                    "HOME_TEAM_ID": take(ids, games.home),
                    "HOME_TEAM_ABBREVIATION": take(codes, games.home),
                    "AWAY_TEAM_ID": take(ids, games.away),
                    "AWAY_TEAM_ABBREVIATION": take(codes, games.away),
                    "NEUTRAL_SITE": games.neutral,
                    "GAME_STATUS": pl.repeat(status, games.day.size, eager=True),
                }
            )
        )
    return landed("schedule", pl.concat(parts))


def rest_days(games: Games) -> Ints:
    """Days since each team's last game, (games, 2) home and away; 10 before a team's first."""
    last: dict[int, int] = {}
    rest = np.full((games.day.size, 2), 10, np.int64)
    for g, (day, *sides) in enumerate(zip(games.day.astype(np.int64), games.home, games.away, strict=True)):
        for s, team in enumerate(sides):
            rest[g, s] = min(10, int(day) - last.get(int(team), -1000))
            last[int(team)] = int(day)
    return rest


def _pick(games: Games, index: Ints) -> Games:
    columns = ("number", "day", "tip", "home", "away", "neutral")
    return Games(games.season, **{name: getattr(games, name)[index].copy() for name in columns})


def _playing_days(season: int, games: int) -> Dates:
    opening = date(season, 10, 22)
    opening += timedelta(days=(1 - opening.weekday() + 3) % 7 - 3)  # the nearest Tuesday
    thanksgiving = 28 - (date(season, 11, 1).weekday() - 3 + 6) % 7  # an off day, as Christmas Eve and the break
    off = {date(season, 11, thanksgiving), date(season, 12, 24)}
    off |= {date(season + 1, 2, 14) + timedelta(days=k) for k in range(6)}
    days = [d for k in range(400) if (d := opening + timedelta(days=k)) not in off]
    return np.array(days[: max(8, round(games * 2.02))], "datetime64[D]")


def _assign(home: Ints, away: Ints, days: Dates, teams: int, rng: np.random.Generator) -> Dates:
    """A day for each game: greedy, the teams with most games left first, never three days running."""
    weight = _WEEKDAY[(days.astype(np.int64) + 3) % 7] * np.exp(rng.normal(0.0, 0.3, days.size))  # 1 January 1970 was a Thursday
    goal = np.round(np.cumsum(weight) / weight.sum() * home.size)
    day = np.full(home.size, np.datetime64("NaT"), "datetime64[D]")
    left = np.bincount(np.concatenate([home, away]), minlength=teams)
    open_games = np.arange(home.size)
    last = np.full((2, teams), -10, np.int64)  # each team's last two playing days
    today = 0
    while open_games.size:
        when = days[today] if today < days.size else days[-1] + (today - days.size + 1)
        want = int(goal[today] if today < days.size else home.size) - (home.size - open_games.size)
        number = int(when.astype(np.int64))
        tired = (last[1] == number - 1).astype(np.int64)
        blocked = (tired == 1) & (last[0] == number - 2)
        urge = left - 1.3 * tired + rng.normal(0.0, 0.7, teams)
        a, b = home[open_games], away[open_games]
        chosen: list[int] = []
        for k in np.argsort(-(urge[a] + urge[b]) + rng.random(a.size), kind="stable").tolist():
            if len(chosen) >= want:
                break
            if not (blocked[a[k]] or blocked[b[k]]):
                blocked[[a[k], b[k]]] = True
                chosen.append(k)
        day[open_games[chosen]] = when
        busy = np.concatenate([a[chosen], b[chosen]])
        left[busy] -= 1
        last[0, busy], last[1, busy] = last[1, busy], number
        open_games = np.delete(open_games, chosen)
        today += 1
    return day


def _postponements(games: Games, wanted: int, rng: np.random.Generator) -> dict[int, np.datetime64]:
    """Games of the season's middle and the later days on which they are replayed."""
    busy: dict[int, set[int]] = {}
    for sides in (games.home, games.away):
        for team, d in zip(sides.tolist(), games.day.astype(np.int64).tolist(), strict=True):
            busy.setdefault(team, set()).add(d)
    days = np.unique(games.day.astype(np.int64))
    middle = rng.permutation(np.arange(games.day.size // 3, games.day.size * 2 // 3))
    replay_days: dict[int, np.datetime64] = {}
    for game in middle.tolist():
        if len(replay_days) == wanted:
            break
        taken = busy[int(games.home[game])] | busy[int(games.away[game])]
        free = [d for d in days.tolist() if d > int(games.day[game].astype(np.int64)) + 3 and _rested(d, taken)]
        if free:
            replay_days[game] = np.datetime64(free[int(rng.integers(len(free)))], "D")
            busy[int(games.home[game])].add(int(replay_days[game].astype(np.int64)))
            busy[int(games.away[game])].add(int(replay_days[game].astype(np.int64)))
    return replay_days


def _rested(day: int, taken: set[int]) -> bool:
    near = [day + k in taken for k in (-2, -1, 0, 1, 2)]
    return not near[2] and not (near[0] and near[1]) and not (near[3] and near[4]) and not (near[1] and near[3])


def share_of_season(games: Games) -> Floats:
    """Share of the season that is over when each game begins, 0 to 1."""
    first, last = games.day.astype(np.int64)[[0, -1]]
    return np.asarray((games.day.astype(np.int64) - first) / max(1, int(last - first)))
