#!/usr/bin/env bash
# pydfs-lineup-optimizer reads "07:30PM ET" from a DraftKings file as 00:26 UTC, four minutes early;
# in July 56 minutes late.
#
# Expected: 19:30 Eastern is 00:30 UTC in January and 23:30 UTC in July.
# Happens:  the zone of `pytz` is attached with `replace`, which takes its first entry: local mean
#           time of New York before 1883, -04:56. And a game is kept by its two teams alone: when
#           BOS@NYK stands twice in the file, two nights apart, the second row gets the first
#           night's time.
# Hurts:    late swap: a player counts as locked four minutes before he is; in summer leagues one is
#           still swapped up to 56 minutes after lock. Tip-off times taken from here miss every join
#           on an instant.
# Instead:  parse `Game Info` yourself (`zoneinfo`), keyed by teams and date.
#
# Seen on 2026-11-28 with pydfs-lineup-optimizer 3.6.1, PuLP 2.4 and pytz 2026.6 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q pydfs-lineup-optimizer==3.6.1 PuLP==2.4 pytz==2026.6 setuptools==65.5.0
cd "$room"
cat > salaries.csv <<'EOF'
Position,Name + ID,Name,ID,Roster Position,Salary,Game Info,TeamAbbrev,AvgPointsPerGame
PG,Ada One (1),Ada One,1,PG/G/UTIL,5000,BOS@NYK 01/15/2025 07:30PM ET,BOS,30.5
PG,Bea Two (2),Bea Two,2,PG/G/UTIL,5000,BOS@NYK 01/17/2025 08:00PM ET,NYK,28.5
C,Cleo Three (3),Cleo Three,3,C/UTIL,5000,LAL@DEN 07/15/2025 10:00PM ET,LAL,20.0
EOF
"$room/venv/bin/python" -W ignore - <<'EOF'
from datetime import timezone
from importlib.metadata import version
from pydfs_lineup_optimizer import Site, Sport, get_optimizer

print("pydfs-lineup-optimizer", version("pydfs-lineup-optimizer"))
optimizer = get_optimizer(Site.DRAFTKINGS, Sport.BASKETBALL)
optimizer.load_players_from_csv("salaries.csv")
written = {"Ada One": "01/15 07:30PM ET", "Bea Two": "01/17 08:00PM ET", "Cleo Three": "07/15 10:00PM ET"}
got = {player.full_name: str(player.game_info.starts_at.astimezone(timezone.utc)) for player in optimizer.player_pool.all_players}
for player, instant in got.items():
    print(f"{written[player]} is read as {instant}")
assert got == {
    "Ada One": "2025-01-16 00:26:00+00:00",  # 00:30
    "Bea Two": "2025-01-16 00:26:00+00:00",  # 2025-01-18 01:00
    "Cleo Three": "2025-07-16 02:56:00+00:00",  # 02:00
}, got
EOF
