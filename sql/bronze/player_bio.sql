-- One row per player: bio and listed position of the season; either may be missing.
SELECT
    $season AS season,
    coalesce(b.PLAYER_ID, p.PLAYER_ID) AS player_id,
    b.PLAYER_NAME AS player_name,
    b.PLAYER_HEIGHT_INCHES AS height_inches,
    b.PLAYER_WEIGHT AS weight_lbs,
    b.AGE AS age_years,
    b.BIRTH_DATE AS birth_date,
    p.POSITION AS position_listed,
    b.COUNTRY AS country,
    b.DRAFT_YEAR AS draft_year,
    b.DRAFT_NUMBER AS draft_number,
    coalesce(b.provider, p.provider) AS provider,
    coalesce(b.fetched_at_utc, p.fetched_at_utc) AS fetched_at_utc
FROM landing.player_bios AS b
FULL OUTER JOIN landing.positions AS p ON p.PLAYER_ID = b.PLAYER_ID
