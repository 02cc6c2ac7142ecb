"""Why a projection is what it is: one player's night accounted for, in words."""
