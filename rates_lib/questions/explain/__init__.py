"""Explanation of one player's projection in figures and words."""
