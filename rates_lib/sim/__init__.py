"""From means to box scores: `worlds.py` draws whole games from the means of players, `summary.py` summarises them."""
