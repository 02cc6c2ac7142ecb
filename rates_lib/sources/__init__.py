"""Sources fill the landing zone, each in the one landing layout: files on disk, the synthetic league."""
