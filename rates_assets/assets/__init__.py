"""The assets, one module per layer. The body of each loads inputs, makes one call into `rates_lib` and writes."""
