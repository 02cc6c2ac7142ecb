#!/usr/bin/env bash
# Minutes as `weights` in openskill: a team-mate who played 47 of 48 minutes counts like one who
# played none.
#
# Expected: weights are relative contributions: 48 and 47 are nearly equal, 48 and 0 are not, and
#           weight 0 changes nothing.
# Happens:  each team's weights are stretched to the range 1 to 2, smallest to 1, largest to 2,
#           whatever they were. [48, 47] and [48, 0] are the same thing; [48, 48] is a third. The
#           one who never played moves by half of what the star moves.
# Hurts:    player ratings from box scores: in an even rotation a difference of one minute doubles
#           somebody's update. `weight_bounds=None`, documented as the way to switch this off,
#           raises a TypeError in the released wheel.
# Instead:  leave out who did not play and give no weights; scale the change of each player's rating
#           by minutes yourself.
#
# Seen on 2026-11-28 with openskill 6.2.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q openskill==6.2.0
"$room/venv/bin/python" - <<'EOF'
import openskill
from openskill.models import PlackettLuce

print("openskill", openskill.__version__)


def winners(minutes: list[float], **options: object) -> list[float]:
    model = PlackettLuce(**options)
    pair = lambda: [model.rating(), model.rating()]
    won, _ = model.rate([pair(), pair()], weights=[minutes, [24.0, 24.0]])
    return [round(player.mu - 25, 2) for player in won]


for minutes, seen in (([48.0, 47.0], [3.93, 1.96]), ([48.0, 0.0], [3.93, 1.96]), ([48.0, 48.0], [1.96, 1.96])):
    got = winners(minutes)
    print("winners' minutes", minutes, "move by", got)
    assert got == seen, got
try:
    switched_off = winners([1.0, 0.0], weight_bounds=None)
except TypeError as error:
    switched_off = f"TypeError: {error}"
print("weight_bounds=None:", switched_off)
assert str(switched_off).startswith("TypeError"), switched_off
EOF
