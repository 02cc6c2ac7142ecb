"""Metrics, and the accuracy of past predictions against outcomes and baselines."""
