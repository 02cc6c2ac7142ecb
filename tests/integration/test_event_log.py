"""The instance's event log: the same files and answers as Dagster's own."""

from pathlib import Path

import dagster as dg
import yaml

from rates_assets.event_log import PooledSqliteEventLogStorage

SETTINGS = Path(__file__).parents[2] / "dagster_home" / "dagster.yaml"


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
def thing() -> None:
    pass


def test_dagsters_own_storage_reads_what_was_written(tmp_path: Path, monkeypatch: object) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(SETTINGS.read_text())
    monkeypatch.setenv("DAGSTER_HOME", str(home))  # type: ignore[attr-defined]
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, PooledSqliteEventLogStorage)
        for _ in range(12):  # more runs than files stay open
            assert dg.materialize([thing], partition_key="a", instance=instance).success
        runs = instance.get_run_ids()
        events = {run: len(instance.all_logs(run)) for run in runs}
    settings = yaml.safe_load(SETTINGS.read_text())
    del settings["event_log_storage"]
    (home / "dagster.yaml").write_text(yaml.safe_dump(settings))
    with dg.DagsterInstance.get() as instance:
        assert not isinstance(instance.event_log_storage, PooledSqliteEventLogStorage)
        assert {run: len(instance.all_logs(run)) for run in instance.get_run_ids()} == events
        assert instance.get_materialized_partitions(thing.key) == {"a"}


def test_watchers_of_a_run_hear_of_its_events(tmp_path: Path) -> None:
    storage = PooledSqliteEventLogStorage(str(tmp_path))
    with dg.DagsterInstance.ephemeral() as memory:
        run = dg.materialize([thing], partition_key="b", instance=memory).run_id
        events = list(memory.all_logs(run))
    storage.store_event(events[0])
    before = Path(storage.path_for_shard(run)).stat().st_mtime_ns
    storage.store_event(events[1])
    assert Path(storage.path_for_shard(run)).stat().st_mtime_ns > before
    storage.dispose()
