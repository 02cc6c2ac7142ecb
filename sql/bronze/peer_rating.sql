-- One row per player of a peer's ratings of the season, as published.
SELECT
    $season AS season,
    SOURCE AS source,
    PLAYER_ID AS player_id,
    PLAYER_NAME AS player_name,
    OFF AS impact_off_per_100,
    DEF AS impact_def_per_100,
    TOTAL AS impact_per_100,
    provider,
    fetched_at_utc
FROM landing.peer_rating
