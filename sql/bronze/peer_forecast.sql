-- One row per forecast of a peer as published: a projection (linestar) or a book's line (props).
SELECT
    $season AS season,
    SOURCE AS source,
    STAT AS stat,
    BOOK AS book,
    PLAYER_NAME AS player_name,
    GAME_DATE AS game_date,
    TEAM_ABBREVIATION AS team_abbreviation,
    HOME_TEAM_ABBREVIATION AS home_team_abbreviation,
    AWAY_TEAM_ABBREVIATION AS away_team_abbreviation,
    FORECAST AS forecast,
    FORECAST_FLOOR AS forecast_floor,
    FORECAST_CEILING AS forecast_ceiling,
    PRICE_OVER AS price_over,
    PRICE_UNDER AS price_under,
    SALARY AS salary,
    SCORED AS scored,
    PUBLISHED_UTC AS published_utc,
    PUBLISHED_ASSUMED AS published_assumed,
    provider,
    fetched_at_utc
FROM landing.peer_forecast
