"""Bronze: the landed data with types and the league's ids; one step per table."""

from rates_assets.assets.from_sql import sql_assets

ASSETS = sql_assets("bronze")
