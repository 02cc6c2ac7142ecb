-- Status of a player before a game by status label, from statuses published up to $as_of_utc (NULL: no limit):
--   open    the first status published of the player
--   close   the last status at or before tip-off
--   latest  the last status
-- with the five announced last by then. In a game without any published status the players of the log count as active (proxy list), which
-- flatters accuracy. An announced starter without a status gets the status unknown.
WITH games AS (
    SELECT game_id, game_date, tipoff_utc, coalesce($as_of_utc::TIMESTAMPTZ, 'infinity'::TIMESTAMPTZ) AS as_of_utc
    FROM silver.game
    WHERE season = $season
),
published AS (
    SELECT s.*, g.tipoff_utc, if(s.source = 'injury_report' AND s.status NOT IN ('active', 'inactive'), 'injury_report', 'active_list') AS kind
    FROM bronze.player_status AS s
    JOIN games AS g USING (game_id)
    WHERE s.season = $season AND s.published_utc <= g.as_of_utc
),
statuses AS (
    SELECT game_id, player_id, player_name, team_id, status, reason, position_listed, kind AS availability_source, published_utc, published_assumed,
        tipoff_utc, source
    FROM published
    WHERE source <> 'starters'
    UNION ALL
    SELECT p.game_id, p.player_id, p.player_name, p.team_id, 'active', NULL, NULL, 'proxy', g.tipoff_utc - INTERVAL 1 MINUTE, true, g.tipoff_utc, 'proxy'
    FROM bronze.player_boxscore AS p
    JOIN games AS g USING (game_id)
    WHERE p.season = $season
        AND g.tipoff_utc - INTERVAL 1 MINUTE <= g.as_of_utc
        AND p.game_id NOT IN (SELECT game_id FROM bronze.player_status WHERE season = $season AND source <> 'starters')
),
known AS (
    SELECT 'open' AS as_of, *
    FROM statuses
    QUALIFY row_number() OVER (PARTITION BY game_id, player_id ORDER BY published_utc, source) = 1
    UNION ALL
    SELECT 'close', *
    FROM statuses
    WHERE published_utc <= tipoff_utc
    QUALIFY row_number() OVER (PARTITION BY game_id, player_id ORDER BY published_utc DESC, source) = 1
    UNION ALL
    SELECT 'latest', *
    FROM statuses
    QUALIFY row_number() OVER (PARTITION BY game_id, player_id ORDER BY published_utc DESC, source) = 1
),
announced AS (
    SELECT label AS as_of, game_id, player_id, team_id, starter_announced, position_listed, published_utc, published_assumed, source
    FROM published
    CROSS JOIN (VALUES ('open'), ('close'), ('latest')) AS l(label)
    WHERE starter_announced IS NOT NULL AND (label <> 'close' OR published_utc <= tipoff_utc)
),
fives AS (  -- a team's five comes from the source that announced one last, at equal times from `starters`
    SELECT as_of, game_id, team_id, arg_max(source, (published_utc, source)) AS source
    FROM announced
    WHERE starter_announced = 1
    GROUP BY ALL
),
starters AS (
    SELECT a.*
    FROM announced AS a
    JOIN fives USING (as_of, game_id, team_id, source)
    QUALIFY row_number() OVER (PARTITION BY a.as_of, game_id, a.player_id ORDER BY a.published_utc DESC) = 1
),
five_known AS (
    SELECT as_of, game_id, team_id, max(published_utc) AS published_utc FROM starters GROUP BY ALL
),
rows AS (
    SELECT
        k.as_of, k.game_id, k.player_id, k.player_name, k.team_id, k.status, k.reason, k.availability_source,
        if(f.game_id IS NULL, NULL, coalesce(s.starter_announced, 0)) AS starter_announced,
        coalesce(s.position_listed, k.position_listed) AS position_listed,
        greatest(k.published_utc, f.published_utc) AS published_utc,
        k.published_assumed OR coalesce(s.published_assumed, false) AS published_assumed
    FROM known AS k
    LEFT JOIN five_known AS f
        ON f.as_of = k.as_of AND f.game_id = k.game_id AND f.team_id = k.team_id
        AND (k.as_of <> 'open' OR f.published_utc <= k.published_utc)
    LEFT JOIN starters AS s
        ON f.game_id IS NOT NULL AND s.as_of = k.as_of AND s.game_id = k.game_id AND s.player_id = k.player_id
    UNION ALL BY NAME
    SELECT
        s.as_of, s.game_id, s.player_id, NULL AS player_name, s.team_id, 'unknown' AS status, NULL AS reason, 'none' AS availability_source,
        s.starter_announced, s.position_listed, s.published_utc, s.published_assumed
    FROM starters AS s
    ANTI JOIN known AS k ON k.as_of = s.as_of AND k.game_id = s.game_id AND k.player_id = s.player_id
    WHERE s.starter_announced = 1
)
SELECT
    $season AS season,
    rows.*,
    games.game_date,
    CASE status
        WHEN 'out' THEN 0 WHEN 'inactive' THEN 0 WHEN 'doubtful' THEN .25 WHEN 'questionable' THEN .5 WHEN 'probable' THEN .75 ELSE .82
    END AS play_prob_prior
FROM rows
JOIN games USING (game_id)
