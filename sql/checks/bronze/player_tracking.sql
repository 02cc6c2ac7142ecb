-- Tracking of a game needs a game of the schedule.
SELECT c.season, c.grain, c.game_id, c.player_id, c.team_id, 'the schedule has no such game' AS reason
FROM candidate AS c
LEFT JOIN landing.schedule AS s ON s.GAME_ID = c.game_id
WHERE s.GAME_ID IS NULL AND c.grain = 'game'
