-- A status needs a game of the schedule and a team that plays in it.
SELECT c.season, c.game_id, c.player_id, c.published_utc, c.source,
    if(s.GAME_ID IS NULL, 'the schedule has no such game', 'the team does not play in this game') AS reason
FROM candidate AS c
LEFT JOIN landing.schedule AS s ON s.GAME_ID = c.game_id
WHERE s.GAME_ID IS NULL OR c.team_id NOT IN (s.HOME_TEAM_ID, s.AWAY_TEAM_ID)
