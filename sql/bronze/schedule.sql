-- One row per scheduled game, as the source gives it; a postponed game keeps its row.
SELECT
    $season AS season,
    GAME_ID AS game_id,
    GAME_DATE AS game_date,
    TIPOFF_UTC AS tipoff_utc,
    TIPOFF_ASSUMED AS tipoff_assumed,
    HOME_TEAM_ID AS home_team_id,
    HOME_TEAM_ABBREVIATION AS home_team_abbreviation,
    AWAY_TEAM_ID AS away_team_id,
    AWAY_TEAM_ABBREVIATION AS away_team_abbreviation,
    NEUTRAL_SITE AS neutral_site,
    GAME_STATUS AS game_status,
    provider,
    fetched_at_utc
FROM landing.schedule
