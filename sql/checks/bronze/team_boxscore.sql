-- A team's line must satisfy its identities and minutes; the schedule must have the game and the team.
SELECT season, game_id, team_id, r.reason
FROM (
    SELECT
        c.*,
        s.GAME_ID AS scheduled,
        c.team_id IN (s.HOME_TEAM_ID, s.AWAY_TEAM_ID) AS at_home_or_away,
        sum(c.min) OVER (PARTITION BY c.game_id) AS both,
        count(*) OVER (PARTITION BY c.game_id) AS teams
    FROM candidate AS c
    LEFT JOIN landing.schedule AS s ON s.GAME_ID = c.game_id
)
CROSS JOIN unnest([
    if(scheduled IS NULL, 'the schedule has no such game', NULL),
    if(NOT at_home_or_away, 'the team does not play in this game', NULL),
    if(pts <> points(fgm - fg3m, fg3m, ftm), 'pts is not 2 x 2PM + 3 x 3PM + FTM', NULL),
    if(reb <> oreb + dreb, 'reb is not oreb + dreb', NULL),
    if(fgm > fga OR fg3m > fg3a OR ftm > fta OR fg3m > fgm OR fg3a > fga, 'more made than attempted', NULL),
    -- rounded minutes of ten to fifteen players: up to 5 off
    if(abs(min - team_minutes(round(overtimes_in(min)))) > 5 OR min < team_minutes(0) - 5, 'min is not 240 + 25 per overtime', NULL)
]) AS r(reason)
WHERE r.reason IS NOT NULL
