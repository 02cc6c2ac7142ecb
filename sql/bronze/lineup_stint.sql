-- One row per stint, in order of time. Rows of `stints` are copied; in games without them, a stint is a run of `possessions` in one period
-- with the same two fives. Possessions with impossible points form stints of their own.
-- Rows of that file are plays: a play after an own play without points (an offensive rebound) continues the possession.
WITH ids AS (  -- the distinct line-ups of `possessions`; home_sum: players that the log has on the home side minus those on the away side
    SELECT GAME_ID, lineup, sum(if(p.TEAM_ID = s.HOME_TEAM_ID, 1, -1)) AS home_sum
    FROM (
        SELECT GAME_ID, off AS lineup FROM landing.possessions
        UNION
        SELECT GAME_ID, de FROM landing.possessions
    )
    CROSS JOIN unnest(string_split(lineup, '|')) AS u(player_id)
    JOIN landing.leaguegamelog_player AS p USING (GAME_ID)
    JOIN landing.schedule AS s USING (GAME_ID)
    WHERE p.PLAYER_ID = u.player_id
    GROUP BY ALL
),
sided AS (
    SELECT
        x.*,
        o.home_sum > d.home_sum AS home_attacks,
        if(o.home_sum > d.home_sum, off, de) AS home,
        if(o.home_sum > d.home_sum, de, off) AS away,
        x.pts BETWEEN 0 AND 4 AS possible
    FROM landing.possessions AS x
    LEFT JOIN ids AS o ON o.GAME_ID = x.GAME_ID AND o.lineup = x.off
    LEFT JOIN ids AS d ON d.GAME_ID = x.GAME_ID AND d.lineup = x.de
    WHERE x.GAME_ID NOT IN (SELECT GAME_ID FROM landing.stints)
),
breaks AS (
    SELECT
        *,
        (period, home, away, possible) IS DISTINCT FROM lag((period, home, away, possible)) OVER plays AS breaks,
        (period, home_attacks) IS DISTINCT FROM lag((period, home_attacks)) OVER plays OR lag(pts) OVER plays > 0 AS begins
    FROM sided
    WINDOW plays AS (PARTITION BY GAME_ID ORDER BY rn)
),
numbered AS (
    SELECT *, count(*) FILTER (WHERE breaks) OVER (PARTITION BY GAME_ID ORDER BY rn ROWS UNBOUNDED PRECEDING) AS stint FROM breaks
),
every AS (
    SELECT
        GAME_ID AS game_id,
        row_number() OVER (PARTITION BY GAME_ID ORDER BY TimeStart, TimeEnd, plus1, minus1) AS stint,
        round(60 * TimeStart, 1) AS start_sec,
        round(60 * TimeEnd, 1) AS end_sec,
        plus1 AS home,
        minus1 AS away,
        POSSESSIONS / 2 AS home_possessions,
        POSSESSIONS / 2 AS away_possessions,
        HomeEnd - HomeStart AS home_pts_stint,
        AwayEnd - AwayStart AS away_pts_stint,
        'stints' AS source,
        provider,
        fetched_at_utc
    FROM landing.stints
    UNION ALL BY NAME
    SELECT
        GAME_ID AS game_id,
        stint,
        any_value(home) AS home,
        any_value(away) AS away,
        count(*) FILTER (WHERE begins AND home_attacks) AS home_possessions,
        count(*) FILTER (WHERE begins AND NOT home_attacks) AS away_possessions,
        coalesce(sum(pts) FILTER (WHERE home_attacks), 0) AS home_pts_stint,
        coalesce(sum(pts) FILTER (WHERE NOT home_attacks), 0) AS away_pts_stint,
        'possessions' AS source,
        any_value(provider) AS provider,
        any_value(fetched_at_utc) AS fetched_at_utc
    FROM numbered
    GROUP BY GAME_ID, stint
)
SELECT
    $season AS season,
    game_id,
    stint,
    start_sec,
    end_sec,
    round(end_sec - start_sec, 1) AS seconds_stint,
    array_to_string(list_sort(string_split(home, '|')), '|') AS home_lineup,
    array_to_string(list_sort(string_split(away, '|')), '|') AS away_lineup,
    home_possessions,
    away_possessions,
    home_pts_stint,
    away_pts_stint,
    source,
    provider,
    fetched_at_utc
FROM every
