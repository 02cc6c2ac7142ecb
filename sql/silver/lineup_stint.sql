-- One row per five-on-five stint; the checks set apart what does not reconcile.
SELECT
    season, game_id, stint, start_sec, end_sec, seconds_stint, home_lineup, away_lineup, home_possessions, away_possessions,
    home_pts_stint, away_pts_stint, source
FROM bronze.lineup_stint
WHERE season = $season
