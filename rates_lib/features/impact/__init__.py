"""Player impact: points per 100 possessions that a player adds on offence and on defence, from stints or from box scores.

Not in `models/`, because the sources of `models/` are part of the id of each run: a change here retrains no model.
"""
