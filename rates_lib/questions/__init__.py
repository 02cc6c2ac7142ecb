"""What a user asks of the lake: prices, prop lines, what-if scenarios, explanations, defence by position."""
