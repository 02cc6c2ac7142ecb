"""The list of all models. A new model needs its module with a `SPEC`, a line here, and its rows in `pipeline/training.py`.

Belongs here: the list, and lookups that need a spec alone. Does not belong here: the choice of a run (`registry.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.models import efficiency, minutes, rates, second_stage, team, world_parameters
from rates_lib.models.bundle import Bundle
from rates_lib.models.contract import ModelSpec

MODELS: dict[str, ModelSpec] = {
    spec.name: spec for spec in (minutes.SPEC, rates.SPEC, efficiency.SPEC, second_stage.SPEC, team.SPEC, world_parameters.SPEC)
}
"""Spec by name."""


def model_spec(name: str) -> ModelSpec:
    """The spec of a model.

    Raises:
        RatesError: if the model does not exist.
    """
    if name not in MODELS:
        raise RatesError(f"model {name!r} does not exist: choose from {', '.join(MODELS)}")
    return MODELS[name]


def predict(features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """Outputs of the bundle's model, row-aligned with `features`.

    Raises:
        RatesError: if the model predicts no rows.
        SchemaError: names the features that are missing.
    """
    spec = model_spec(bundle.model)
    if spec.predict is None:
        raise RatesError(f"{spec.name} predicts no rows: its runs hold parameters of the worlds")
    return spec.predict(features, bundle)
