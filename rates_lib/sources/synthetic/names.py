"""Invented names, and the league's team codes.

Belongs here: lists of words. Does not belong here: random draws of a game.
"""

from __future__ import annotations

import numpy as np

from rates_lib.sources.synthetic.base import stream

#: Abbreviation and name, in the order of the league's team ids.
TEAMS = tuple(
    line.split(" ", 1)
    for line in """ATL Atlanta Hawks
BOS Boston Celtics
CLE Cleveland Cavaliers
NOP New Orleans Pelicans
CHI Chicago Bulls
DAL Dallas Mavericks
DEN Denver Nuggets
GSW Golden State Warriors
HOU Houston Rockets
LAC LA Clippers
LAL Los Angeles Lakers
MIA Miami Heat
MIL Milwaukee Bucks
MIN Minnesota Timberwolves
BKN Brooklyn Nets
NYK New York Knicks
ORL Orlando Magic
IND Indiana Pacers
PHI Philadelphia 76ers
PHX Phoenix Suns
POR Portland Trail Blazers
SAC Sacramento Kings
SAS San Antonio Spurs
OKC Oklahoma City Thunder
TOR Toronto Raptors
UTA Utah Jazz
MEM Memphis Grizzlies
WAS Washington Wizards
DET Detroit Pistons
CHA Charlotte Hornets""".splitlines()
)
FIRST_TEAM_ID = 1610612737
LATE_TEAMS = frozenset(["DEN", "GSW", "LAC", "LAL", "PHX", "POR", "SAC", "UTA"])

_FIRST = """
Aldo Amari Anders Anton Arlo Barnaby Bastian Benno Brecht Caleb Calvin Casper Cedric Cillian Corwin Cyrus
Dario Darnell Dashiell Davor Desmond Dimitri Eamon Edison Elias Emeka Enzo Ezra Fabian Felix Fenton Florian
Gideon Goran Gustav Hakim Harlan Hendrik Hollis Ignacio Ilya Isaiah Ivo Jabari Jarvis Jonah Jorge Kaleb Kofi
Lamar Leander Lionel Lorenzo Lucian Magnus Malik Marek Mateo Milan Moussa Nico Nolan Obi Omari Orson Otis
Pascal Percy Quentin Rafael Ramon Reggie Remy Roman Rufus Samir Silas Soren Stefan Tariq Thaddeus Tobias Tomas
Ulises Vance Viktor Wendell Xavier Yannick Zeke
"""
_LAST = """
Abara Aldridge-Moss Ambrose Anselm Ashdown Bardo Barrow Bellweather Birch Blackwood Bosko Brandvold Bramley
Calloway Carrick Castellan Cavendish Coldwell Corbin Crane Dahlgren Dekker Delacroix Draper Dunmore Eastwick
Ekwueme Ellery Fairbanks Falkner Farrow Fenwick Fiore Gallant Garrick Goodwin Graves Hadley Halloran Harker
Hawthorn Holt Ibarra Ilic Ingram-Vale Jansson Jarrow Kessler Kingsley Kovac Lachlan Lancaster Langley Lockhart
Lund Madaki Marchetti Marlow Mbeki Mercer Montrose Nakata Nightingale Norwood Novak-Bell Oakes Okonjo
Ostrander Pemberton Penrose Petrakis Prescott Quill Radcliffe Ravenel Redfern Rook Sable Sandoval Selwyn
Sinclair-Fox Sorrel Stanhope Strand Tavares Thackeray Thorne Underhill Vandermeer Vasquez-Roy Verhoeven
Wainwright Westbrook-Lane Whitlock Wilder Wolfe Yarrow Zeller-Quist Zimani
"""
FIRST, LAST = _FIRST.split(), _LAST.split()
COUNTRIES = ("USA", "USA", "USA", "USA", "USA", "USA", "USA", "USA", "Canada", "France", "Serbia", "Nigeria", "Spain")


def full_names(seed: int, count: int) -> list[str]:
    """The first `count` names of the league; name `i` does not depend on `count`.

    Raises:
        ValueError: if `count` exceeds the number of names.
    """
    most = len(FIRST) * len(LAST)
    if count > most:
        raise ValueError(f"{count} names requested, but the lists give only {most}: add words to names.FIRST or names.LAST")
    order = stream(seed, 0, "names").permutation(most)[:count]
    return [f"{FIRST[k // len(LAST)]} {LAST[k % len(LAST)]}" for k in np.asarray(order).tolist()]


def team_ids(teams: int) -> list[str]:
    """The ids of the first `teams` teams, in the order of TEAMS."""
    return [str(FIRST_TEAM_ID + i) for i in range(teams)]
