-- A quote needs a game of the schedule. (A closing line without a game has a null game, which the schema quarantines.)
SELECT c.season, c.game_id, c.book, c.market, c.subject_id, c.published_utc, 'the schedule has no such game' AS reason
FROM candidate AS c
LEFT JOIN landing.schedule AS s ON s.GAME_ID = c.game_id
WHERE s.GAME_ID IS NULL AND c.game_id IS NOT NULL
