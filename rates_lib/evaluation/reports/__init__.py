"""Pages and pictures made from measurements; no figure is computed here."""
