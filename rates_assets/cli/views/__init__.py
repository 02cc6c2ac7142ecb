"""What commands print: an answer or rows of the lake as tables on the screen, or as a dictionary for JSON; no figures are made here."""
