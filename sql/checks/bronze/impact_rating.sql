-- A rating needs a player of the season's log; no check in a season without a log.
SELECT season, source, player_id, team_id, 'no game of the season''s log has this player' AS reason
FROM candidate
WHERE player_id NOT IN (SELECT PLAYER_ID FROM landing.leaguegamelog_player)
    AND EXISTS (SELECT 1 FROM landing.leaguegamelog_player)
