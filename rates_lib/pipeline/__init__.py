"""From tables to a prediction: training sets, slates of tonight and of the past, serving, walk-forward, tuning."""
