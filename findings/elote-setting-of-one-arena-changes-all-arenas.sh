#!/usr/bin/env bash
# Two elote arenas with K factors of 32 and 4 give the same ratings: the setting made last rules
# both.
#
# Expected: `arena.set_competitor_class_var("_k_factor", 32)`, a method of one arena, sets the
#           factor of that arena.
# Happens:  it writes to the class of the competitors, which every arena of the process shares, and
#           which keeps the value afterwards. With K = 32 set first and 4 second, both arenas rate
#           with 4. Handing `base_competitor_kwargs` to each arena keeps them apart.
# Hurts:    a search for the best K factor: all candidates are scored with the last one and come out
#           equal, so "K does not matter".
# Instead:  `LambdaArena(..., base_competitor_kwargs={"k_factor": 32})`.
#
# Seen on 2026-11-28 with elote 1.5.1 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q elote==1.5.1
"$room/venv/bin/python" - <<'EOF'
from importlib.metadata import version
from elote import LambdaArena

print("elote", version("elote"))
home_wins = lambda home, away: True


def set_later(factor: float) -> LambdaArena:
    arena = LambdaArena(home_wins)
    arena.set_competitor_class_var("_k_factor", factor)
    return arena


def winner_gains(arenas: list[LambdaArena]) -> list[float]:
    for arena in arenas:
        arena.matchup("BOS", "NYK")
    return [max(row["rating"] for row in arena.leaderboard()) - 400 for arena in arenas]


own = winner_gains([LambdaArena(home_wins, base_competitor_kwargs={"k_factor": factor}) for factor in (32, 4)])
shared = winner_gains([set_later(factor) for factor in (32, 4)])
after = winner_gains([LambdaArena(home_wins)])
print("K = 32 and K = 4, base_competitor_kwargs:   the winner gains", own)
print("K = 32 and K = 4, set_competitor_class_var: the winner gains", shared)
print("a new arena without a setting (K was 32):   the winner gains", after)
assert (own, shared, after) == ([16.0, 2.0], [2.0, 2.0], [2.0])
EOF
