"""The assets, one module per layer; each is a body: load inputs, one call into `rates_lib`, write."""
