-- Statuses published about a player before a game, one row per publication and source:
--   boxscore_status  the active list (the schedule turns its side into a team)
--   injury_report    out, doubtful, ...
--   starters         the fives; without availability (status unknown). Its bench rows are the players who appeared in the game.
-- position_listed: the position in the five, if the source lists one.
WITH listed AS (
    SELECT b.*, if(b.TEAM_SIDE = 'homeTeam', s.HOME_TEAM_ID, s.AWAY_TEAM_ID) AS team
    FROM landing.boxscore_status AS b
    LEFT JOIN landing.schedule AS s USING (GAME_ID)
),
known_team AS (  -- rows of starters have no team: it comes from the log, else from the other lists
    SELECT GAME_ID, PLAYER_ID, arg_min(team, rank) AS team
    FROM (
        SELECT GAME_ID, PLAYER_ID, TEAM_ID AS team, 1 AS rank FROM landing.leaguegamelog_player
        UNION ALL
        SELECT GAME_ID, personId, team, 2 FROM listed WHERE team IS NOT NULL
        UNION ALL
        SELECT GAME_ID, PLAYER_ID, TEAM_ID, 3 FROM landing.injury_report
    )
    GROUP BY ALL
)
SELECT
    $season AS season, GAME_ID AS game_id, personId AS player_id, name AS player_name, PUBLISHED_UTC AS published_utc, PUBLISHED_ASSUMED AS published_assumed,
    'boxscore_status' AS source, team AS team_id, lower(status) AS status, NULL AS reason,
    TRY_CAST(starter AS TINYINT) AS starter_announced, nullif(position, '') AS position_listed, provider, fetched_at_utc
FROM listed
UNION ALL
SELECT
    $season, GAME_ID, PLAYER_ID, NULL, PUBLISHED_UTC, PUBLISHED_ASSUMED,
    'injury_report', TEAM_ID, lower(STATUS), REASON,
    NULL, NULL, provider, fetched_at_utc
FROM landing.injury_report
UNION ALL
SELECT
    $season, GAME_ID, PLAYER_ID, NULL, PUBLISHED_UTC, PUBLISHED_ASSUMED,
    'starters', team, 'unknown', NULL,
    starter, nullif(START_POSITION, ''), provider, fetched_at_utc
FROM landing.starters
LEFT JOIN known_team USING (GAME_ID, PLAYER_ID)
