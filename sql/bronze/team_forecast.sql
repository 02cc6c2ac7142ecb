-- One row per forecast of a game as published.
SELECT
    $season AS season,
    SOURCE AS source,
    STAT AS stat,
    GAME_DATE AS game_date,
    HOME_TEAM_ABBREVIATION AS home_team_abbreviation,
    AWAY_TEAM_ABBREVIATION AS away_team_abbreviation,
    FORECAST AS forecast,
    PUBLISHED_UTC AS published_utc,
    PUBLISHED_ASSUMED AS published_assumed,
    provider,
    fetched_at_utc
FROM landing.team_forecast
