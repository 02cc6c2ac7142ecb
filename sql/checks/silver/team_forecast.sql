-- A forecast needs a played or scheduled game.
SELECT c.season, c.source, c.stat, c.game_id, 'no game of ' || c.game_id AS reason
FROM candidate AS c
LEFT JOIN silver.game AS g ON g.season = c.season AND g.game_id = c.game_id
WHERE g.game_id IS NULL
