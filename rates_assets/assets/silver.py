"""Silver: one clean row per entity; one step per table."""

from rates_assets.assets.from_sql import sql_assets

ASSETS = sql_assets("silver")
