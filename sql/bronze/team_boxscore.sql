-- One row per team and game of the log, as the source gives it.
SELECT
    $season AS season,
    GAME_ID AS game_id,
    GAME_DATE AS game_date,
    TEAM_ID AS team_id,
    TEAM_ABBREVIATION AS team_abbreviation,
    MATCHUP AS matchup,
    WL AS wl,
    "MIN" AS min,
    FGM AS fgm, FGA AS fga, FG3M AS fg3m, FG3A AS fg3a, FTM AS ftm, FTA AS fta, OREB AS oreb, DREB AS dreb, REB AS reb, AST AS ast,
    STL AS stl, BLK AS blk, TOV AS tov, PF AS pf, PTS AS pts, PLUS_MINUS AS plus_minus,
    provider,
    fetched_at_utc
FROM landing.leaguegamelog_team
