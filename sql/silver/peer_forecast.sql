-- Peers' forecasts with the league's ids: one row per source, statistic, book, game and player, the last published before tip-off; if the
-- tip-off is assumed, the first of its Eastern day, because a later one may have been published during the game.
-- The game: the day's game of the named teams, whichever is at home. The player: the one with this name in the season's box scores, lists
-- or bios, ignoring accents, case, punctuation and suffix, or in sql/seeds/player_aliases.csv. Of several players, the one in the game's
-- box score or lists, else the one who was with one of its teams this season; the player need not have played.
-- A row without a game or player has the teams and day, or the name, as its id, so that it has a key; the checks quarantine it.
WITH forecasts AS (
    SELECT
        f.*, coalesce(g.tipoff_assumed, true) AS tipoff_assumed, g.game_id, g.home_team_id, g.away_team_id,
        coalesce(f.team_abbreviation, concat_ws(' and ', f.home_team_abbreviation, f.away_team_abbreviation)) AS teams
    FROM bronze.peer_forecast AS f
    LEFT JOIN silver.game AS g
        ON g.season = f.season AND g.game_date = f.game_date
        AND coalesce(f.team_abbreviation, f.home_team_abbreviation) IN (g.home_team_abbreviation, g.away_team_abbreviation)
        AND coalesce(f.team_abbreviation, f.away_team_abbreviation) IN (g.home_team_abbreviation, g.away_team_abbreviation)
    WHERE f.season = $season
        AND (
            g.game_id IS NULL
            OR if(g.tipoff_assumed, CAST(f.published_utc AT TIME ZONE 'America/New_York' AS DATE) <= g.game_date, f.published_utc <= g.tipoff_utc)
        )
),
people AS (  -- every name of a player in the season
    SELECT player_id, player_name FROM silver.player_game WHERE season = $season
    UNION
    SELECT player_id, player_name FROM bronze.player_status WHERE season = $season AND player_name IS NOT NULL
    UNION
    SELECT player_id, player_name FROM bronze.player_bio WHERE season = $season AND player_name IS NOT NULL
),
aliases AS (
    SELECT alias, player_id FROM seeds.player_aliases WHERE season IS NULL OR CAST(season AS BIGINT) = $season
),
normalised AS (  -- 'P.J. Washington Jr.' is 'pj washington'
    SELECT name, plain_name(name) AS plain
    FROM (
        SELECT player_name AS name FROM people
        UNION
        SELECT alias FROM aliases
        UNION
        SELECT player_name FROM forecasts
    )
),
places AS (  -- teams and games of each player
    SELECT player_id, team_id, game_id FROM silver.player_game WHERE season = $season
    UNION
    SELECT player_id, team_id, game_id FROM bronze.player_status WHERE season = $season
),
requested AS (
    SELECT DISTINCT f.player_name, n.plain, f.game_id, f.home_team_id, f.away_team_id
    FROM forecasts AS f
    JOIN normalised AS n ON n.name = f.player_name
),
namesakes AS (
    SELECT a.*, p.player_id, if(p.player_name = a.player_name, 1, 2) AS way
    FROM requested AS a
    JOIN normalised AS n USING (plain)
    JOIN people AS p ON p.player_name = n.name
    UNION ALL
    SELECT a.*, l.player_id, 3
    FROM requested AS a
    JOIN normalised AS n USING (plain)
    JOIN aliases AS l ON l.alias = n.name
),
nearest AS (
    SELECT
        b.player_name, b.game_id, b.player_id, b.way,
        CASE
            WHEN (b.player_id, b.game_id) IN (SELECT (player_id, game_id) FROM places) THEN 2
            WHEN (b.player_id, b.home_team_id) IN (SELECT (player_id, team_id) FROM places) THEN 1
            WHEN (b.player_id, b.away_team_id) IN (SELECT (player_id, team_id) FROM places) THEN 1
            ELSE 0
        END AS near
    FROM namesakes AS b
    QUALIFY near = max(near) OVER (PARTITION BY b.player_name, b.game_id)
),
matches AS (
    SELECT player_name, game_id, min(player_id) AS player_id, min(way) AS way, count(DISTINCT player_id) AS players
    FROM nearest
    GROUP BY ALL
)
SELECT
    f.season, f.source, f.stat, f.book,
    coalesce(f.game_id, f.teams || ' on ' || f.game_date) AS game_id,
    if(p.players = 1, p.player_id, f.player_name) AS player_id,
    f.player_name,
    CASE WHEN p.players > 1 THEN 'several' WHEN p.way = 1 THEN 'exact' WHEN p.way = 2 THEN 'normalised' WHEN p.way = 3 THEN 'alias' ELSE 'none' END
        AS name_match,
    f.game_date, f.forecast, f.forecast_floor, f.forecast_ceiling, f.price_over, f.price_under, f.salary, f.scored, f.published_utc,
    f.published_assumed
FROM forecasts AS f
LEFT JOIN matches AS p ON p.player_name = f.player_name AND p.game_id IS NOT DISTINCT FROM f.game_id
QUALIFY row_number() OVER (
    PARTITION BY f.source, f.stat, f.book, coalesce(f.game_id, f.teams || ' on ' || f.game_date), if(p.players = 1, p.player_id, f.player_name)
    ORDER BY if(f.tipoff_assumed, f.published_utc, NULL), f.published_utc DESC, p.way, f.player_name, f.team_abbreviation, f.home_team_abbreviation
) = 1
