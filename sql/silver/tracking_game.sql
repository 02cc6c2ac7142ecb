-- One row per player and game with tracking (north star, section 4). Rates are null under one minute.
SELECT
    t.season,
    t.game_id,
    t.team_id,
    t.player_id,
    s.game_date,
    t.minutes_tracking,
    t.touches, t.front_ct_touches, t.time_of_poss_seconds, t.passes_made, t.passes_received, t.potential_ast, t.secondary_ast, t.drives,
    t.catch_shoot_fga, t.pull_up_fga, t.paint_touches, t.post_touches, t.elbow_touches, t.oreb_chances, t.dreb_chances, t.distance_miles,
    if(t.minutes_tracking >= 1, t.touches / t.minutes_tracking, NULL) AS touches_per_min,
    if(t.minutes_tracking >= 1, t.time_of_poss_seconds / 60 / t.minutes_tracking, NULL) AS top_per_min,
    if(t.minutes_tracking >= 1, t.passes_made / t.minutes_tracking, NULL) AS passes_per_min,
    if(t.minutes_tracking >= 1, t.drives / t.minutes_tracking, NULL) AS drives_per_min
FROM bronze.player_tracking AS t
LEFT JOIN bronze.schedule AS s ON s.season = t.season AND s.game_id = t.game_id
WHERE t.season = $season AND t.grain = 'game'
