"""The product without its orchestration: schemas, lake, sources, features, models, simulation, evaluation. Never imports dagster."""
