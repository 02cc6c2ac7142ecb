-- One row per team and played game. Possessions: mean of both teams' FGA - OREB + TOV + .44 FTA, linear in the counts.
WITH lines AS (
    SELECT * FROM bronze.team_boxscore WHERE season = $season
)
SELECT
    t.season,
    t.game_id,
    t.game_date,
    t.team_id,
    o.team_id AS opponent_id,
    CASE t.team_id WHEN g.home_team_id THEN 1 WHEN g.away_team_id THEN 0 END AS home_flag,
    g.overtimes,
    team_seconds(g.overtimes) AS seconds,
    t.fga - t.fg3a AS fga2,
    t.fgm - t.fg3m AS fg2m,
    t.fg3a AS fga3,
    t.fg3m, t.fga, t.fgm, t.fta, t.ftm, t.oreb, t.dreb, t.reb, t.ast, t.stl, t.blk, t.tov, t.pf, t.pts,
    t.pts - o.pts AS plus_minus,  -- the log's value is a mean over players, sometimes a fraction or off by a point
    o.pts AS opp_pts,
    plays(t.fga - t.oreb + t.tov + o.fga - o.oreb + o.tov, t.fta + o.fta) / 2 AS possessions
FROM lines AS t
LEFT JOIN lines AS o ON o.game_id = t.game_id AND o.team_id <> t.team_id
LEFT JOIN silver.game AS g ON g.season = t.season AND g.game_id = t.game_id
