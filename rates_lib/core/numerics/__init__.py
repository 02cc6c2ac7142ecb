"""Numerical loops over arrays: decayed sums, Elo and Kalman ratings, clusters. Tables and dates are outside their scope."""
