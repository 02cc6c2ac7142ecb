-- A stint needs five a side of one team each (where there is a box score), possessions, and points that so many possessions can bring.
-- A game's stints need to add up to the final score (where there is one) but for a few free throws outside possessions: 3 a side.
WITH totals AS (
    SELECT game_id, sum(home_pts_stint) AS home, sum(away_pts_stint) AS away
    FROM bronze.lineup_stint
    WHERE season = $season
    GROUP BY ALL
),
unsettled AS (
    SELECT game_id
    FROM totals
    JOIN silver.game AS g USING (game_id)
    WHERE g.season = $season AND (abs(home - g.home_pts) > 3 OR abs(away - g.away_pts) > 3)
),
sides AS (
    SELECT DISTINCT game_id, 'home' AS side, home_lineup AS lineup FROM candidate
    UNION ALL
    SELECT DISTINCT game_id, 'away', away_lineup FROM candidate
),
foreign_players AS (  -- line-ups with a player whom the box score has on the other team, or not at all
    SELECT DISTINCT s.game_id, s.side, s.lineup
    FROM sides AS s
    CROSS JOIN unnest(string_split(s.lineup, '|')) AS u(player_id)
    JOIN bronze.schedule AS g ON g.season = $season AND g.game_id = s.game_id
    LEFT JOIN bronze.player_boxscore AS p ON p.season = $season AND p.game_id = s.game_id AND p.player_id = u.player_id
    WHERE p.team_id IS DISTINCT FROM if(s.side = 'home', g.home_team_id, g.away_team_id)
        AND s.game_id IN (SELECT game_id FROM bronze.player_boxscore WHERE season = $season)
),
judged AS (
    SELECT
        c.*,
        len(list_distinct(string_split(c.home_lineup, '|'))) = 5 AND len(list_distinct(string_split(c.away_lineup, '|'))) = 5 AS five,
        c.home_possessions + c.away_possessions AS both_possessions,
        c.game_id IN (SELECT game_id FROM unsettled) AS unsettled,
        h.lineup IS NOT NULL OR a.lineup IS NOT NULL AS foreigner
    FROM candidate AS c
    LEFT JOIN foreign_players AS h ON h.side = 'home' AND h.game_id = c.game_id AND h.lineup = c.home_lineup
    LEFT JOIN foreign_players AS a ON a.side = 'away' AND a.game_id = c.game_id AND a.lineup = c.away_lineup
)
SELECT season, game_id, stint, r.reason
FROM judged
CROSS JOIN unnest([
    if(NOT coalesce(five, false), 'not five players a side', NULL),
    if(NOT coalesce(both_possessions > 0, false), 'no possessions', NULL),
    if(
        both_possessions > 0
        AND NOT (home_pts_stint BETWEEN 0 AND 4 * both_possessions AND away_pts_stint BETWEEN 0 AND 4 * both_possessions),
        'points that so many possessions cannot bring', NULL
    ),
    if(foreigner, 'a player whom the box score has not on this side', NULL),
    if(unsettled, 'the game''s stints miss the final score by more than 3', NULL)
]) AS r(reason)
WHERE r.reason IS NOT NULL
