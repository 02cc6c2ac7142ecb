-- A finished game has a winner.
SELECT season, game_id, 'a final score is level' AS reason
FROM candidate
WHERE home_pts = away_pts
