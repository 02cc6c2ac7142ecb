"""Settings of the impact estimates, each with its source.

"Chosen" means by the error of game margins in 2018-19, 2021-22 and 2023-24, each month predicted from the estimates of its first day;
2024-25 was not used.
"""

from __future__ import annotations

HALF_LIFE_DAYS = 400.0  # half-life of evidence; chosen: 250 and 600 are .002 of r worse or equal
LOOKBACK_SEASONS = 3  # whole seasons before the running one; older games would weigh less than .15
PENALTY = 9000.0  # ridge on offence and on defence, in possessions; chosen with MARGIN_WEIGHT (for one season's stints alone 4,000 is best)
POINTS_SD = 120.0  # standard deviation of 100 x the points of one possession: scores of 0, 1, 2 and 3 as in the league

# --- box scores as evidence -----------------------------------------------------------------------------------------------------

#: Factor by which two starters, or two bench players, share the floor more often than one of each, relative to their shares of minutes:
#: square roots of the odds ratios in the stints of 2012-13 to 2014-15, 5.5 for team-mates and 3.7 for opponents, stable over seasons.
ALIKE_MATES = 2.35
ALIKE_FOES = 1.92
FITTING_ROUNDS = 12  # of the proportional fitting; sums then agree to a percent
#: Weight of a game's margin as one observation of all players' shares, besides each player's plus-minus. Leads shrink and benches finish
#: decided games, so on-off differences exceed those between teams. Chosen: 0 is .016 of r worse, 2 to 8 are alike.
MARGIN_WEIGHT = 3.0

# --- traits: the centre of the ridge -------------------------------------------------------------------------------------------

TRAIT_PENALTY = 30000.0  # ridge on the weights of traits, in possessions; three times as much is the same
TRAIT_POSSESSIONS = 500.0  # of the mean player, to which box scores are shrunk; chosen: 250 and 1,000 are the same
POINTS_PER_SHOT = 1.1  # of the mean player, the reference of scoring
SHARE_GAMES = 5.0  # games at SHARE_PRIOR to which a player's share of the team's possessions is shrunk
SHARE_PRIOR = 0.2

#: Impact per 100 possessions of players without a row, such as rookies in their first month. Chosen: the error of game margins is least
#: at a sum of -4 to -5.
UNSEEN_OFF_PER_100 = -2.0
UNSEEN_DEF_PER_100 = -2.0
UNSEEN_PER_100 = UNSEEN_OFF_PER_100 + UNSEEN_DEF_PER_100
