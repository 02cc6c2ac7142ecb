"""Scenarios: what changes if somebody is out, plays twenty minutes, starts, or a line moves.

Belongs here: what may be asked, how it changes the inputs of predictions, and what came of it. Does not belong here: predictions
(`pipeline/projections.py`), worlds (`sim/`).
"""
