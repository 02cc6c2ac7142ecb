"""Scenarios: the effect of a player who is out, plays twenty minutes or starts, or of a line that moves.

Belongs here: requests, changed inputs of predictions, and the comparison. Does not belong here: predictions
(`pipeline/projections.py`), worlds (`sim/`).
"""
