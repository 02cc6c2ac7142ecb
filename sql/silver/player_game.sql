-- One row per player and game with an appearance, also with MIN = 0 (under 30 seconds). Decimal minutes replace the log's whole minutes if
-- the difference is at most one. Starters: the five of `starters`, else of the active list.
WITH fives AS (
    SELECT game_id, player_id, arg_max(starter_announced, (source, published_utc)) AS starter,
        arg_max(position_listed, (source, published_utc)) AS start_position
    FROM bronze.player_status
    WHERE season = $season AND source IN ('starters', 'boxscore_status') AND starter_announced IS NOT NULL
    GROUP BY ALL
)
SELECT
    p.season,
    p.game_id,
    p.game_date,
    p.team_id,
    if(p.team_id = s.home_team_id, s.away_team_id, s.home_team_id) AS opponent_id,
    p.player_id,
    p.player_name,
    if(p.team_id = s.home_team_id, 1, 0) AS home_flag,
    p.min,
    if(abs(p.minutes_decimal - p.min) <= 1, p.minutes_decimal, p.min) AS minutes,
    if(abs(p.minutes_decimal - p.min) <= 1, 'decimal', 'log') AS minutes_source,
    CAST(round(60 * if(abs(p.minutes_decimal - p.min) <= 1, p.minutes_decimal, p.min)) AS BIGINT) AS seconds,
    1 AS played,
    f.starter,
    if(f.starter = 1, f.start_position, NULL) AS start_position,
    p.fga - p.fg3a AS fga2,
    p.fgm - p.fg3m AS fg2m,
    p.fg3a AS fga3,
    p.fg3m, p.fga, p.fgm, p.fta, p.ftm, p.oreb, p.dreb, p.reb, p.ast, p.stl, p.blk, p.tov, p.pf, p.pts, p.plus_minus,
    p.pts_paint
FROM bronze.player_boxscore AS p
LEFT JOIN bronze.schedule AS s ON s.season = p.season AND s.game_id = p.game_id
LEFT JOIN fives AS f ON f.game_id = p.game_id AND f.player_id = p.player_id
WHERE p.season = $season
