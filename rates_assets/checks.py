"""Asset checks: conditions on a table before it is written, and counts of refused rows.

`schema` (columns, dtypes, nulls, bounds: pandera, from the table's spec), `unique_key` and `rules` (conditions on a row, or on the rows of
a team or game together) are blocking: if one fails, the partition is not written. `plausible` reports derived values that are rare in
real seasons, and blocks nothing. If the table has a quarantine, rows that break a rule
or repeat a key are already there, so `rules` and `unique_key` fail only if so many rows were refused that the source must be broken. Below
that limit `unique_key` warns of repeated keys, and `refused` gives counts and reasons.

Belongs here: running and reporting checks. Does not belong here: the rules of rows (`rates_lib/schemas/rules.py`), rules that need other
tables (`sql/checks`).
"""

from collections import Counter
from typing import Any

import dagster as dg
import polars as pl

from rates_lib.core.errors import SchemaError
from rates_lib.schemas.rules import RULES
from rates_lib.schemas.tables import TABLES, has_plausible_bounds
from rates_lib.schemas.validate import check, example, implausible

# share of a partition's rows that may be refused. Known sources lose only stints: 13 % of those of 2017-18 do not add up to the score
REFUSED_SHARE = 0.01
# and peers' forecasts: a file of lines repeats 3 % of its rows, and 2 % of its names need an alias
REFUSED_SHARE_OF = {
    "bronze.lineup_stint": 0.5,
    "silver.lineup_stint": 0.5,
    "bronze.peer_forecast": 0.05,
    "silver.peer_forecast": 0.05,
}
REFUSED_ROWS = 30  # one bad game, which early in a season exceeds the share; but at most half of the rows
_DUPLICATE = "duplicate key"


def check_specs(table: str) -> list[dg.AssetCheckSpec]:
    """The checks of one table."""
    spec, key = TABLES[table], dg.AssetKey(table.split("."))
    specs = [
        dg.AssetCheckSpec("schema", asset=key, blocking=True, description="columns, dtypes, nulls and bounds of the table's spec"),
        dg.AssetCheckSpec("unique_key", asset=key, blocking=True, description=f"one row per {', '.join(spec.key)}"),
    ]
    if has_plausible_bounds(spec):
        specs.append(dg.AssetCheckSpec("plausible", asset=key, description="no derived value is beyond its usual range; it is kept"))
    if spec.quarantine:
        share = f"{REFUSED_SHARE_OF.get(table, REFUSED_SHARE):.0%}"
        limit = f"no more than {share} of a partition's rows (or {REFUSED_ROWS}, if that is more) break a rule"
        specs.append(dg.AssetCheckSpec("rules", asset=key, blocking=True, description=limit))
        specs.append(dg.AssetCheckSpec("refused", asset=key, description="no row was refused; else how many, and why"))
    elif table in RULES:
        specs.append(dg.AssetCheckSpec("rules", asset=key, blocking=True, description="; ".join(RULES[table])))
    return specs


class Verdict:
    """Collects the findings in all partitions of one table in a step, for one result per check."""

    def __init__(self, table: str) -> None:
        """Start without findings."""
        self.table = table
        self._breaches: dict[str, list[str]] = {}
        self._rows = 0
        self._refused: Counter[str] = Counter()
        self._implausible: list[str] = []

    def judge(self, frame: pl.DataFrame, partition: str) -> pl.DataFrame:
        """Check a frame; returns it with the table's order of columns and rows.

        Raises:
            SchemaError: if a check fails; the partition must not be written then.
        """
        self._count(frame, partition)
        try:
            frame = check(frame, self.table)
        except SchemaError as error:
            self._breach("schema", partition, str(error))
            raise
        for rule, holds in RULES.get(self.table, {}).items():
            wrong = frame.filter(~holds)
            if wrong.height:
                shown = example(wrong, self.table, 0, columns=holds.meta.root_names())
                raise self._breach("rules", partition, f"{wrong.height} rows break {rule}, e.g. {shown}")
        self._note_implausible(frame, partition)
        return frame

    def judge_split(self, good: pl.DataFrame, quarantine: pl.DataFrame, partition: str) -> None:
        """Check the two frames of `validate.split`, which has already checked each good row against the schema.

        Raises:
            SchemaError: if more rows were refused than the table's limit allows, or good rows share keys.
        """
        self._count(good, partition)
        self._refused.update(dict(quarantine["reason"].value_counts().iter_rows()))
        refused = quarantine.select("season", "row_key", "row_json").unique().height
        rows = good.height + refused
        limit = max(REFUSED_SHARE_OF.get(self.table, REFUSED_SHARE) * rows, min(REFUSED_ROWS, rows / 2))
        reasons = Counter(dict(quarantine["reason"].value_counts(sort=True).iter_rows()))
        if reasons[_DUPLICATE] > limit:
            raise self._breach("unique_key", partition, f"{reasons[_DUPLICATE]} of {rows} rows repeat a key (at most {limit:.0f} may)")
        if refused > limit:
            worst = reasons.most_common(1)[0][0]
            raise self._breach("rules", partition, f"{refused} of {rows} rows were refused (at most {limit:.0f} may), most for '{worst}'")
        self._note_implausible(good, partition)

    def results(self) -> list[dg.AssetCheckResult]:
        """One result per check, also after a failed one."""
        return [self._result(spec) for spec in check_specs(self.table)]

    def _count(self, frame: pl.DataFrame, partition: str) -> None:
        key = TABLES[self.table].key
        self._rows += frame.height
        doubled = int(frame.select(key).is_duplicated().sum()) if set(key) <= set(frame.columns) else 0
        if doubled:
            raise self._breach("unique_key", partition, f"{doubled} rows share their key {', '.join(key)}")

    def _note_implausible(self, frame: pl.DataFrame, partition: str) -> None:
        for column, bound, rows, value, where in implausible(frame, self.table).iter_rows():
            count = f"{rows:,} row{'s' * (rows != 1)}"
            self._implausible.append(f"{self.table} {partition}: {column} is {value:g}, usually {bound}, in {count}, e.g. {where}")

    def _breach(self, name: str, partition: str, what: str) -> SchemaError:
        self._breaches.setdefault(name, []).append(f"{partition}: {what}")
        return SchemaError(f"{self.table} {partition}: {what}. The partition was not written; fix the code that builds it, or its input.")

    def _result(self, spec: dg.AssetCheckSpec) -> dg.AssetCheckResult:
        if spec.name == "refused":
            reasons = dict(sorted(self._refused.items()))
            return _warning(spec, passed=not reasons, metadata={"refusals": sum(reasons.values()), "reasons": reasons})
        if spec.name == "plausible":
            return _warning(spec, passed=not self._implausible, metadata={"beyond": self._implausible} if self._implausible else {})
        breaches = self._breaches.get(spec.name, [])
        repeated = self._refused[_DUPLICATE] if spec.name == "unique_key" else 0
        return dg.AssetCheckResult(
            check_name=spec.name,
            asset_key=spec.asset_key,
            passed=not breaches and not repeated,
            severity=dg.AssetCheckSeverity.ERROR if breaches or not repeated else dg.AssetCheckSeverity.WARN,  # a warning does not block
            metadata={"rows": self._rows, **({"breaches": breaches} if breaches else {}), **({"refused": repeated} if repeated else {})},
        )


def _warning(spec: dg.AssetCheckSpec, *, passed: bool, metadata: dict[str, Any]) -> dg.AssetCheckResult:
    """Result of a check that blocks nothing."""
    severity = dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(check_name=spec.name, asset_key=spec.asset_key, passed=passed, severity=severity, metadata=metadata)
