-- Peers' forecasts of games with the league's ids: the last published before tip-off. A probability of the away side is replaced by its
-- complement. A row without a game has the teams and day as its id, so that it has a key; the checks quarantine it.
WITH forecasts AS (
    SELECT
        f.*, g.game_id,
        coalesce(g.home_team_abbreviation <> f.home_team_abbreviation, false) AS turned,
        f.home_team_abbreviation || ' and ' || f.away_team_abbreviation || ' on ' || f.game_date AS named
    FROM bronze.team_forecast AS f
    LEFT JOIN silver.game AS g
        ON g.season = f.season AND g.game_date = f.game_date
        AND f.home_team_abbreviation IN (g.home_team_abbreviation, g.away_team_abbreviation)
        AND f.away_team_abbreviation IN (g.home_team_abbreviation, g.away_team_abbreviation)
    WHERE f.season = $season AND (g.game_id IS NULL OR f.published_utc <= g.tipoff_utc)
)
SELECT
    season, source, stat, coalesce(game_id, named) AS game_id, game_date,
    if(turned AND stat = 'home_win', 1 - forecast, forecast) AS forecast,
    published_utc, published_assumed
FROM forecasts
QUALIFY row_number() OVER (PARTITION BY source, stat, coalesce(game_id, named) ORDER BY published_utc DESC, home_team_abbreviation) = 1
