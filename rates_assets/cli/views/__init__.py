"""Output of commands: results as tables on the screen or as a dictionary for JSON, without any computation of figures."""
