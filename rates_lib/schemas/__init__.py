"""What every table, column and landed file is, each defined once; how a frame is checked against it."""
