-- A team's players must sum to the team's line in every count and in minutes; otherwise all players of the team are quarantined.
WITH players AS (
    SELECT
        game_id, team_id, sum(min) AS min, sum(fgm) AS fgm, sum(fga) AS fga, sum(fg3m) AS fg3m, sum(fga3) AS fg3a, sum(ftm) AS ftm,
        sum(fta) AS fta, sum(oreb) AS oreb, sum(dreb) AS dreb, sum(ast) AS ast, sum(stl) AS stl, sum(blk) AS blk, sum(tov) AS tov,
        sum(pf) AS pf, sum(pts) AS pts
    FROM candidate
    GROUP BY ALL
),
broken AS (
    SELECT p.game_id, p.team_id, r.reason
    FROM players AS p
    LEFT JOIN bronze.team_boxscore AS t ON t.season = $season AND t.game_id = p.game_id AND t.team_id = p.team_id
    CROSS JOIN unnest([
        if(t.game_id IS NULL, 'the team has no line in the team log', NULL),
        if(p.fgm <> t.fgm, 'players'' fgm do not sum to the team''s', NULL),
        if(p.fga <> t.fga, 'players'' fga do not sum to the team''s', NULL),
        if(p.fg3m <> t.fg3m, 'players'' fg3m do not sum to the team''s', NULL),
        if(p.fg3a <> t.fg3a, 'players'' fg3a do not sum to the team''s', NULL),
        if(p.ftm <> t.ftm, 'players'' ftm do not sum to the team''s', NULL),
        if(p.fta <> t.fta, 'players'' fta do not sum to the team''s', NULL),
        if(p.oreb <> t.oreb, 'players'' oreb do not sum to the team''s', NULL),
        if(p.dreb <> t.dreb, 'players'' dreb do not sum to the team''s', NULL),
        if(p.ast <> t.ast, 'players'' ast do not sum to the team''s', NULL),
        if(p.stl <> t.stl, 'players'' stl do not sum to the team''s', NULL),
        if(p.blk <> t.blk, 'players'' blk do not sum to the team''s', NULL),
        if(p.tov <> t.tov, 'players'' tov do not sum to the team''s', NULL),
        if(p.pf <> t.pf, 'players'' pf do not sum to the team''s', NULL),
        if(p.pts <> t.pts, 'players'' pts do not sum to the team''s', NULL),
        -- whole minutes: the league's own sums can be off by the rounding of fifteen players
        if(abs(p.min - t.min) > 7, 'players'' minutes do not sum to the team''s', NULL)
    ]) AS r(reason)
    WHERE r.reason IS NOT NULL
)
SELECT c.season, c.game_id, c.player_id, b.reason
FROM candidate AS c
JOIN broken AS b USING (game_id, team_id)
