-- One row per game that is not postponed; results are null until the log has both teams. A played game counts whatever its status in the
-- schedule. Overtimes from the log's minutes: 240 per team plus 25 per overtime, up to 5 off by rounding.
WITH lines AS (
    SELECT game_id, team_id, min, pts FROM bronze.team_boxscore WHERE season = $season
)
SELECT
    s.season,
    s.game_id,
    s.game_date,
    s.tipoff_utc,
    s.tipoff_assumed,
    s.home_team_id,
    s.away_team_id,
    s.home_team_abbreviation,
    s.away_team_abbreviation,
    s.neutral_site,
    if(h.pts + a.pts IS NULL, s.game_status, 'final') AS game_status,
    CAST(round(overtimes_in((h.min + a.min) / 2)) AS BIGINT) AS overtimes,
    if(a.pts IS NULL, NULL, h.pts) AS home_pts,
    if(h.pts IS NULL, NULL, a.pts) AS away_pts,
    CASE WHEN h.pts > a.pts THEN 1 WHEN h.pts < a.pts THEN 0 END AS home_win
FROM bronze.schedule AS s
LEFT JOIN lines AS h ON h.game_id = s.game_id AND h.team_id = s.home_team_id
LEFT JOIN lines AS a ON a.game_id = s.game_id AND a.team_id = s.away_team_id
WHERE s.season = $season AND (s.game_status <> 'postponed' OR h.pts + a.pts IS NOT NULL)
