-- A stint needs five players per side, possessions, and at most four points per possession. Its players must be in the box score of their
-- side; without a box score, they must be in the biographies (if there are any) and on one side of the game only.
-- A game's stints must sum to the final score within 3 points per side (free throws outside possessions) and to the box score's possessions
-- within a tenth. Stints with times must fill the game without gaps. Without a box score they must also end with a winner and have a
-- plausible pace.
WITH games AS (
    SELECT
        game_id,
        sum(home_pts_stint) AS home,
        sum(away_pts_stint) AS away,
        sum(home_possessions + away_possessions) / 2 AS counted,
        min(start_sec) AS first_sec,
        max(end_sec) AS last_sec,
        sum(seconds_stint) AS filled_sec
    FROM bronze.lineup_stint
    WHERE season = $season
    GROUP BY ALL
),
box AS (
    SELECT game_id, max(possessions) AS possessions
    FROM silver.team_game
    WHERE season = $season
    GROUP BY ALL
),
unsettled AS (
    SELECT s.game_id, r.reason
    FROM games AS s
    LEFT JOIN box AS b USING (game_id)
    LEFT JOIN silver.game AS g ON g.season = $season AND g.game_id = s.game_id
    CROSS JOIN unnest([
        if(abs(s.home - g.home_pts) > 3 OR abs(s.away - g.away_pts) > 3, 'the game''s stints miss the final score by more than 3', NULL),
        if(
            s.counted / b.possessions NOT BETWEEN .9 AND 1.1,
            'the game''s stints miss the box score''s possessions by more than a tenth', NULL
        ),
        if(
            s.first_sec > 1 OR abs(s.filled_sec - s.last_sec) > 5
            OR abs(s.last_sec - game_seconds(greatest(round(overtimes_by(s.last_sec)), 0))) > 1,
            'the game''s stints leave gaps', NULL
        ),
        if(g.home_pts IS NULL AND s.home = s.away, 'the game''s stints end level', NULL),
        if(
            b.possessions IS NULL AND s.counted * game_seconds(0) / s.last_sec NOT BETWEEN 70 AND 130,
            'the game''s stints have a pace that no game has', NULL
        )
    ]) AS r(reason)
    WHERE r.reason IS NOT NULL
),
sides AS (
    SELECT DISTINCT game_id, 'home' AS side, home_lineup AS lineup FROM candidate
    UNION ALL
    SELECT DISTINCT game_id, 'away', away_lineup FROM candidate
),
sided_players AS (
    SELECT s.game_id, s.side, s.lineup, u.player_id, count(DISTINCT s.side) OVER (PARTITION BY s.game_id, u.player_id) AS of_sides
    FROM sides AS s
    CROSS JOIN unnest(string_split(s.lineup, '|')) AS u(player_id)
),
logged AS (
    SELECT DISTINCT game_id FROM bronze.player_boxscore WHERE season = $season
),
strangers AS (  -- line-ups with a player of another side, and the reason
    SELECT DISTINCT s.game_id, s.side, s.lineup, r.reason
    FROM sided_players AS s
    LEFT JOIN logged AS l USING (game_id)
    LEFT JOIN bronze.schedule AS g ON g.season = $season AND g.game_id = s.game_id
    LEFT JOIN bronze.player_boxscore AS p ON p.season = $season AND p.game_id = s.game_id AND p.player_id = s.player_id
    LEFT JOIN bronze.player_bio AS i ON i.season = $season AND i.player_id = s.player_id
    CROSS JOIN unnest([
        if(
            l.game_id IS NOT NULL AND p.team_id IS DISTINCT FROM if(s.side = 'home', g.home_team_id, g.away_team_id),
            'a player whom the box score has not on this side', NULL
        ),
        if(l.game_id IS NULL AND s.of_sides > 1, 'a player of both sides', NULL),
        if(
            l.game_id IS NULL AND i.player_id IS NULL AND EXISTS (SELECT 1 FROM bronze.player_bio WHERE season = $season),
            'a player of whom there is no biography', NULL
        )
    ]) AS r(reason)
    WHERE r.reason IS NOT NULL
),
judged AS (
    SELECT
        c.season,
        c.game_id,
        c.stint,
        len(list_distinct(string_split(c.home_lineup, '|'))) = 5 AND len(list_distinct(string_split(c.away_lineup, '|'))) = 5 AS five,
        b.home_possessions + b.away_possessions AS both_possessions,  -- before scaling: at most 4 points each
        c.home_pts_stint,
        c.away_pts_stint
    FROM candidate AS c
    JOIN bronze.lineup_stint AS b ON b.season = $season AND b.game_id = c.game_id AND b.stint = c.stint
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
    )
]) AS r(reason)
WHERE r.reason IS NOT NULL
UNION ALL
SELECT DISTINCT c.season, c.game_id, c.stint, s.reason
FROM candidate AS c
JOIN strangers AS s ON s.game_id = c.game_id AND ((s.side = 'home' AND s.lineup = c.home_lineup) OR (s.side = 'away' AND s.lineup = c.away_lineup))
UNION ALL
SELECT c.season, c.game_id, c.stint, u.reason
FROM candidate AS c
JOIN unsettled AS u USING (game_id)
