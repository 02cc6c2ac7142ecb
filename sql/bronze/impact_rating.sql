-- One row per source and player, and per team if the source splits a season.
SELECT
    $season AS season,
    SOURCE AS source,
    PLAYER_ID AS player_id,
    TEAM_ID AS team_id,
    PLAYER_NAME AS player_name,
    RATING_PER_100 AS rating_per_100,
    RATING_OFF_PER_100 AS rating_off_per_100,
    RATING_DEF_PER_100 AS rating_def_per_100,
    EXPOSURE AS exposure,
    provider,
    fetched_at_utc
FROM landing.impact_rating
