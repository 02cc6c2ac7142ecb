"""Bronze: what was landed, typed, with the league's own ids; one step per table."""

from rates_assets.assets.from_sql import sql_assets

ASSETS = sql_assets("bronze")
