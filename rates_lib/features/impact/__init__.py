"""Player impact: points per 100 possessions that a player adds on offence and on defence, from stints or from box scores.

Apart from `models/`, whose sources name every LightGBM run: a change here retrains nothing.
"""
