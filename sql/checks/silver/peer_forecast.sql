-- A forecast needs a played or scheduled game, and exactly one player.
SELECT c.season, c.source, c.stat, c.book, c.game_id, c.player_id, r.reason
FROM candidate AS c
LEFT JOIN silver.game AS g ON g.season = c.season AND g.game_id = c.game_id
CROSS JOIN unnest([
    if(g.game_id IS NULL, 'no game of ' || c.game_id, NULL),
    if(c.name_match = 'none', 'unknown player ' || c.player_name, NULL),
    if(c.name_match = 'several', 'several players called ' || c.player_name, NULL)
]) AS r(reason)
WHERE r.reason IS NOT NULL
