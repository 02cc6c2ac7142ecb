"""Sources fill the landing zone, all in the same layout: files on disk, an SQLite database, the synthetic league."""
