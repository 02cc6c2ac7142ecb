"""Numerical loops over arrays: decayed sums, Elo and Kalman ratings, clusters. They know no tables and no dates."""
