#!/usr/bin/env bash
# `arg_max(status, published)` skips a row without a time; `arg_max(status, (source, published))`
# prefers it.
#
# Expected: a NULL in the ordering key loses, with one key as with two; and ORDER BY (a, b) sorts as
#           ORDER BY a, b.
# Happens:  a NULL key is skipped, as documented. A tuple that holds a NULL is not NULL, and inside
#           a tuple NULL counts as the largest value there is: the row without a time becomes "the
#           latest". `ORDER BY (source, published) DESC` puts it first as well, while `ORDER BY
#           source DESC, published DESC` puts it last. The value argument is unlike the key: where
#           the latest row's status is NULL, `arg_max` hands back the status of an older row.
# Hurts:    "the last report before tip-off" by (priority, time): one report whose time could not be
#           parsed overrules all.
# Instead:  filter `published IS NOT NULL`, or rank with `row_number() OVER (ORDER BY source DESC,
#           published DESC)`.
#
# Seen on 2026-11-28 with duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0
"$room/venv/bin/python" - <<'EOF'
import duckdb

print("duckdb", duckdb.__version__)
REPORTS = "(VALUES ('Out', 'team', 17), ('Available', 'team', NULL)) report(status, source, published)"


def one(what: str, rows: str = REPORTS, rest: str = "") -> str | None:
    return duckdb.sql(f"SELECT {what} FROM {rows} {rest}").fetchall()[0][0]


got = {
    "arg_max(status, published)": one("arg_max(status, published)"),
    "arg_max(status, (source, published))": one("arg_max(status, (source, published))"),
    "ORDER BY source DESC, published DESC": one("status", rest="ORDER BY source DESC, published DESC LIMIT 1"),
    "ORDER BY (source, published) DESC": one("status", rest="ORDER BY (source, published) DESC LIMIT 1"),
    "latest status is NULL": one("arg_max(status, published)", "(VALUES ('Out', 17), (NULL, 18)) report(status, published)"),
}
for how, status in got.items():
    print(f"{how:<40}{status}")
assert list(got.values()) == ["Out", "Available", "Out", "Available", "Out"], got
EOF
