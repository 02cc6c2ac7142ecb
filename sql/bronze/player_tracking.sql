-- Tracking counts by player and game, and by player and season; times of possession come in minutes.
WITH every AS (
    SELECT * FROM landing.leaguedashptstats_game
    UNION ALL BY NAME
    SELECT * FROM landing.leaguedashptstats_season
)
SELECT
    $season AS season,
    if(GAME_ID IS NULL, 'season', 'game') AS grain,
    GAME_ID AS game_id,
    PLAYER_ID AS player_id,
    TEAM_ID AS team_id,
    GP AS gp,
    "MIN" AS minutes_tracking,
    TOUCHES AS touches,
    FRONT_CT_TOUCHES AS front_ct_touches,
    60 * TIME_OF_POSS AS time_of_poss_seconds,
    PASSES_MADE AS passes_made,
    PASSES_RECEIVED AS passes_received,
    POTENTIAL_AST AS potential_ast,
    SECONDARY_AST AS secondary_ast,
    DRIVES AS drives,
    CATCH_SHOOT_FGA AS catch_shoot_fga,
    PULL_UP_FGA AS pull_up_fga,
    PAINT_TOUCHES AS paint_touches,
    POST_TOUCHES AS post_touches,
    ELBOW_TOUCHES AS elbow_touches,
    OREB_CHANCES AS oreb_chances,
    DREB_CHANCES AS dreb_chances,
    DIST_MILES AS distance_miles,
    provider,
    fetched_at_utc
FROM every
