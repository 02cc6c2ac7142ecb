"""Settings of the impact estimates, each with where it comes from.

Those that are said to be chosen were chosen by the error of game margins in 2018-19, 2021-22 and 2023-24, each month predicted from the
estimates of its first day; 2024-25 was not looked at.
"""

from __future__ import annotations

HALF_LIFE_DAYS = 400.0  # after which evidence weighs half; chosen: 250 and 600 are .002 of r worse or equal
LOOKBACK_SEASONS = 3  # whole seasons before the running one: what is older weighs less than .15
PENALTY = 9000.0  # ridge on either end, in possessions; chosen with MARGIN_WEIGHT (a season's stints by themselves want 4,000)
POINTS_SD = 120.0  # standard deviation of 100 x the points of one possession: scores of 0, 1, 2 and 3 as in the league

# --- box scores as evidence -----------------------------------------------------------------------------------------------------

#: How much likelier two starters, or two of the bench, are to be on the floor together than one of each, against their shares: square
#: roots of the odds ratios in the stints of 2012-13 to 2014-15, 5.5 for team-mates and 3.7 for opponents, the same in each season.
ALIKE_MATES = 2.35
ALIKE_FOES = 1.92
FITTING_ROUNDS = 12  # of the proportional fitting; sums are then right to a percent
#: Weight of a game's margin as one observation of everybody's share, beside the plus-minus of each. Leads shrink, and benches play them
#: out, so that on and off the floor differ by more than teams do. Chosen: 0 is .016 of r worse, 2 to 8 are alike.
MARGIN_WEIGHT = 3.0

# --- traits: where the ridge draws to -------------------------------------------------------------------------------------------

TRAIT_PENALTY = 30000.0  # ridge on the weights of traits, in possessions; three times as much is the same
TRAIT_POSSESSIONS = 500.0  # of the mean player, with which box scores are shrunk; chosen: 250 and 1,000 are the same
POINTS_PER_SHOT = 1.1  # of the mean player, by which scoring is judged
SHARE_GAMES = 5.0  # games at SHARE_PRIOR with which a player's share of his team's possessions is shrunk
SHARE_PRIOR = 0.2

#: Impact per 100 possessions of somebody who has no row because he has not played: a rookie in his first month. Chosen: margins of games
#: are off least at -4 to -5.
UNSEEN_OFF_PER_100 = -2.0
UNSEEN_DEF_PER_100 = -2.0
UNSEEN_PER_100 = UNSEEN_OFF_PER_100 + UNSEEN_DEF_PER_100
