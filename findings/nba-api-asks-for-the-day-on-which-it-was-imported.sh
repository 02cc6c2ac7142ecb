#!/usr/bin/env bash
# In a process that runs for weeks, nba_api's default date is the day of the import, and its default
# season last season.
#
# Expected: `LeagueGameLog()` without a season asks for the current season when it is called.
# Happens:  season and date are computed once, while the module is imported, and then stand as
#           default values in the signatures of the endpoints. A service that was started in
#           September asks for last season all winter; a scoreboard without a date always answers
#           for the day of the start. Restarting "fixes" it, so nobody finds it in a script.
# Hurts:    orchestrators, bots, notebooks that stay open: yesterday's scores every day, with status
#           200.
# Instead:  pass `season` and `game_date` always.
#
# Seen on 2026-11-28 with nba_api 1.12.0 and freezegun 1.5.5 on Python 3.11.7. No request is sent:
# only defaults are read.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q nba_api==1.12.0 freezegun==1.5.5 numpy==2.4.6 pandas==3.1.1
"$room/venv/bin/python" - <<'EOF'
import inspect
from importlib.metadata import version
from freezegun import freeze_time

print("nba_api", version("nba_api"))
with freeze_time("2025-09-30 12:00:00") as clock:
    from nba_api.stats.endpoints.leaguegamelog import LeagueGameLog
    from nba_api.stats.endpoints.scoreboardv2 import ScoreboardV2

    def defaults() -> tuple[str, str]:
        ask = lambda endpoint, name: str(inspect.signature(endpoint.__init__).parameters[name].default)
        return ask(LeagueGameLog, "season"), ask(ScoreboardV2, "game_date")

    started = defaults()
    clock.move_to("2026-01-15 12:00:00")
    winter = defaults()
print("imported on 30 September 2025:", started)
print("on 15 January 2026:           ", winter)
assert started == winter == ("2024-25", "2025-09-30"), (started, winter)
EOF
