-- A game needs two different teams, and a tip-off on its own Eastern day.
SELECT season, game_id, r.reason
FROM candidate
CROSS JOIN unnest([
    if(home_team_id = away_team_id, 'a team plays itself', NULL),
    if(CAST(tipoff_utc AT TIME ZONE 'America/New_York' AS DATE) <> game_date, 'the tip-off is not on the Eastern game date', NULL)
]) AS r(reason)
WHERE r.reason IS NOT NULL
