"""From means to box scores: `box.py` multiplies means out, `worlds.py` draws whole games, `summary.py` reads them off."""
