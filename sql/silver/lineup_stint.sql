-- One row per five-on-five stint; the checks quarantine stints that do not reconcile. Possessions are scaled, game by game, to those of
-- the box score, if there is one. The possessions file omits players with few minutes in the season: if a line-up lacks exactly as many
-- players as the team has in the box score but in no line-up of the game, those players complete it.
WITH counted AS (
    SELECT game_id, sum(home_possessions + away_possessions) / 2 AS possessions FROM bronze.lineup_stint WHERE season = $season GROUP BY ALL
),
box AS (
    SELECT game_id, max(possessions) AS possessions FROM silver.team_game WHERE season = $season GROUP BY ALL
),
short AS (  -- games with a line-up of fewer than five
    SELECT DISTINCT game_id
    FROM bronze.lineup_stint
    WHERE season = $season AND least(len(string_split(home_lineup, '|')), len(string_split(away_lineup, '|'))) < 5
),
named AS (
    SELECT DISTINCT game_id, unnest(string_split(concat_ws('|', home_lineup, away_lineup), '|')) AS player_id
    FROM bronze.lineup_stint
    WHERE season = $season AND game_id IN (SELECT game_id FROM short)
),
unnamed AS (
    SELECT p.game_id, p.home_flag, list(p.player_id ORDER BY p.player_id) AS players
    FROM silver.player_game AS p
    JOIN short AS s USING (game_id)
    ANTI JOIN named AS n ON n.game_id = p.game_id AND n.player_id = p.player_id
    WHERE p.season = $season
    GROUP BY ALL
),
completed AS (
    SELECT
        s.* REPLACE (
            CASE WHEN len(string_split(home_lineup, '|')) + len(h.players) = 5
                THEN array_to_string(list_sort(string_split(home_lineup, '|') || h.players), '|') ELSE home_lineup END AS home_lineup,
            CASE WHEN len(string_split(away_lineup, '|')) + len(a.players) = 5
                THEN array_to_string(list_sort(string_split(away_lineup, '|') || a.players), '|') ELSE away_lineup END AS away_lineup
        )
    FROM bronze.lineup_stint AS s
    LEFT JOIN unnamed AS h ON h.game_id = s.game_id AND h.home_flag = 1
    LEFT JOIN unnamed AS a ON a.game_id = s.game_id AND a.home_flag = 0
    WHERE s.season = $season
)
SELECT
    s.season, s.game_id, s.stint, s.start_sec, s.end_sec, s.seconds_stint, s.home_lineup, s.away_lineup,
    s.home_possessions * coalesce(b.possessions / c.possessions, 1) AS home_possessions,
    s.away_possessions * coalesce(b.possessions / c.possessions, 1) AS away_possessions,
    s.home_pts_stint, s.away_pts_stint, s.source
FROM completed AS s
JOIN counted AS c USING (game_id)
LEFT JOIN box AS b USING (game_id)
