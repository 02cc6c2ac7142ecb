-- Consensus quotes of a game by quote label, from quotes published up to $as_of_utc (NULL: no limit):
--   open    the first quotes published of the game
--   close   the last quote of each book at or before tip-off
--   latest  the last quote of each book
-- Values are medians over books. Impossible quotes stay in bronze and are ignored: a spread over 60, a total outside 120 to 300, a
-- moneyline with a price under 100 or with probabilities that do not sum to 1 plus a margin (one data set holds means of American odds,
-- which cross zero). The data sets `ky` and `mg` count only if no other book has a moneyline.
WITH quotes AS (
    SELECT
        o.game_id, s.game_date, s.tipoff_utc, o.book, o.market, o.published_utc, o.published_assumed, o.line, o.price_home, o.price_away,
        implied(o.price_home) AS p_home, implied(o.price_away) AS p_away
    FROM bronze.odds AS o
    JOIN silver.game AS s ON s.season = o.season AND s.game_id = o.game_id
    WHERE o.season = $season
        AND o.market IN ('spread', 'total', 'moneyline')
        AND ($as_of_utc::TIMESTAMPTZ IS NULL OR o.published_utc <= $as_of_utc::TIMESTAMPTZ)
),
possible AS (
    SELECT *
    FROM quotes
    WHERE CASE market
        WHEN 'spread' THEN line BETWEEN -60 AND 60
        WHEN 'total' THEN line BETWEEN 120 AND 300
        ELSE is_american(price_home) AND is_american(price_away) AND p_home + p_away BETWEEN .99 AND 1.1
    END
),
labelled AS (
    SELECT 'open' AS as_of, *
    FROM possible
    QUALIFY published_utc = min(published_utc) OVER (PARTITION BY game_id)
    UNION ALL
    SELECT 'close', * FROM possible WHERE published_utc <= tipoff_utc
    UNION ALL
    SELECT 'latest', * FROM possible
),
last_of_book AS (
    SELECT *
    FROM labelled
    QUALIFY row_number() OVER (PARTITION BY game_id, as_of, book, market ORDER BY published_utc DESC) = 1
),
counted AS (
    SELECT *
    FROM last_of_book
    QUALIFY market <> 'moneyline' OR book NOT IN ('ky', 'mg')
        OR count(*) FILTER (WHERE book NOT IN ('ky', 'mg')) OVER (PARTITION BY game_id, as_of, market) = 0
),
consensus AS (
    SELECT
        game_id,
        as_of,
        any_value(game_date) AS game_date,
        median(line) FILTER (WHERE market = 'spread') AS spread_home,
        median(line) FILTER (WHERE market = 'total') AS total,
        quantile_disc(price_home, .5) FILTER (WHERE market = 'moneyline') AS moneyline_home,
        quantile_disc(price_away, .5) FILTER (WHERE market = 'moneyline') AS moneyline_away,
        median(without_vig(p_home, p_away)) FILTER (WHERE market = 'moneyline') AS home_win_prob_market,
        count(DISTINCT book) AS books,
        max(published_utc) AS published_utc,
        bool_or(published_assumed) AS published_assumed
    FROM counted
    GROUP BY game_id, as_of
)
SELECT
    $season AS season,
    *,
    (total - spread_home) / 2 AS home_itt,
    (total + spread_home) / 2 AS away_itt
FROM consensus
