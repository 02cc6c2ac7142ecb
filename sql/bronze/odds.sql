-- One row per game, book, market, subject and publication. Closing lines find their game by Eastern date and the league's code of the home
-- side; a line without a game gets a null game and is quarantined. A market without a number was not quoted and gives no row.
WITH lines AS (
    SELECT
        c.*,
        s.GAME_ID AS game_id,
        coalesce(s.GAME_ID, c.date || ' ' || c.home) AS subject_id,
        coalesce(c.source, 'closing_lines') AS book
    FROM landing.closing_lines AS c
    LEFT JOIN landing.schedule AS s
        ON s.GAME_DATE = c.date
        AND s.HOME_TEAM_ABBREVIATION = c.home
),
quotes AS (
    SELECT
        lines.*,
        unnest([
            {'b': book, 'market': 'spread', 'line': spread_home, 'h': NULL, 'a': NULL, 'published': PUBLISHED_UTC},
            {'b': book, 'market': 'total', 'line': total, 'h': NULL, 'a': NULL, 'published': PUBLISHED_UTC},
            {'b': book, 'market': 'spread', 'line': open_spread_home, 'h': NULL, 'a': NULL, 'published': OPEN_PUBLISHED_UTC},
            {'b': book, 'market': 'total', 'line': open_total, 'h': NULL, 'a': NULL, 'published': OPEN_PUBLISHED_UTC},
            {'b': book, 'market': 'moneyline', 'line': NULL, 'h': moneyline_home, 'a': moneyline_away, 'published': PUBLISHED_UTC},
            {'b': 'ky', 'market': 'moneyline', 'line': NULL, 'h': ky_ml_home, 'a': ky_ml_away, 'published': PUBLISHED_UTC},
            {'b': 'mg', 'market': 'moneyline', 'line': NULL, 'h': mg_ml_home, 'a': mg_ml_away, 'published': PUBLISHED_UTC}
        ]) AS q
    FROM lines
)
SELECT
    $season AS season, game_id, q.b AS book, q.market AS market, subject_id, q.published AS published_utc,
    PUBLISHED_ASSUMED AS published_assumed, q.line AS line, q.h AS price_home, q.a AS price_away, 'closing_lines' AS source, provider,
    fetched_at_utc
FROM quotes
WHERE coalesce(q.line, q.h, q.a) IS NOT NULL
UNION ALL
SELECT
    $season, GAME_ID, BOOK, MARKET, coalesce(PLAYER_ID, GAME_ID), PUBLISHED_UTC,
    PUBLISHED_ASSUMED, LINE, PRICE_HOME, PRICE_AWAY, 'odds_quotes', provider,
    fetched_at_utc
FROM landing.odds_quotes
