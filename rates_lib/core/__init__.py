"""What basketball and the product take for granted, defined once: dates, names, box-score arithmetic, fantasy rules, metrics."""
