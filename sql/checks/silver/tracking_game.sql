-- Tracking needs a line in the box score of that team.
SELECT c.season, c.game_id, c.team_id, c.player_id, 'the box score has no such player of this team' AS reason
FROM candidate AS c
ANTI JOIN bronze.player_boxscore AS p ON p.season = c.season AND p.game_id = c.game_id AND p.player_id = c.player_id
    AND p.team_id = c.team_id
