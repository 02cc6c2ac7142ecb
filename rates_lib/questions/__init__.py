"""Questions of users to the lake: prices, prop lines, what-if scenarios, explanations, defence by position."""
