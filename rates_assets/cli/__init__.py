"""`rates`: one module of commands per subject, which is a panel of `rates --help`; no logic here.

    data.py      land, backfill, query, publish
    models.py    train, tune, ablate
    tonight.py   slate, price, props, whatif, explain, dvp
    evaluation.py  evaluate, evaluate-worlds, impact, roles
    graph.py     ui, demo

Commands that write tables or models start the graph's own jobs on the instance (`workflows.py`, `runner.py`), so that their runs are
in the UI: land, backfill, publish, train, tune, ablate, slate, evaluate, evaluate-worlds, impact, demo. The others read the lake and call
one function of `rates_lib`: query, price, props, whatif, explain, dvp, roles. `ui` starts the web server (`server.py`).

Belongs here: parsing options, calling one function, printing its result (`views/`). Does not belong here: figures (`rates_lib`).
"""

# in the order of the panels
from rates_assets.cli import data, models, tonight, evaluation, graph  # noqa: F401, I001
from rates_assets.cli.group import app

__all__ = ["app"]
