-- One row per player and game of the log; decimal minutes (by player and date) and points in the paint if a source has them.
SELECT
    $season AS season,
    p.GAME_ID AS game_id,
    p.GAME_DATE AS game_date,
    p.TEAM_ID AS team_id,
    p.TEAM_ABBREVIATION AS team_abbreviation,
    p.PLAYER_ID AS player_id,
    p.PLAYER_NAME AS player_name,
    p.MATCHUP AS matchup,
    p.WL AS wl,
    p."MIN" AS min,
    f."MIN" AS minutes_decimal,
    FGM AS fgm, FGA AS fga, FG3M AS fg3m, FG3A AS fg3a, FTM AS ftm, FTA AS fta, OREB AS oreb, DREB AS dreb, REB AS reb, AST AS ast,
    STL AS stl, BLK AS blk, TOV AS tov, PF AS pf, PTS AS pts, PLUS_MINUS AS plus_minus,
    e.pointsInThePaint AS pts_paint,
    e.pointsFastBreak AS pts_fast_break,
    p.provider,
    p.fetched_at_utc
FROM landing.leaguegamelog_player AS p
LEFT JOIN landing.fractional_minutes AS f ON f.PLAYER_ID = p.PLAYER_ID AND f.GAME_DATE = p.GAME_DATE
LEFT JOIN landing.boxscore_extras AS e ON e.GAME_ID = p.GAME_ID AND e.personId = p.PLAYER_ID
