#!/usr/bin/env bash
# A betting line of 5.5 becomes 5 in `polars.DataFrame(rows)`, without a word, if the first hundred
# lines were whole numbers.
#
# Expected: an error, as `read_ndjson` and `read_csv` raise for the same data and as
#           `polars.Series([5, 5.5])` does (strict is the default), or a column of floats.
# Happens:  the type is inferred from the first 100 dictionaries. A later 5.5 is cut to 5, and a key
#           that first appears later is dropped with its values. `from_dicts` and `read_json` do the
#           same to the number; `strict=True` changes nothing. Nor does a schema of whole numbers:
#           rows are cut to it, while the same values as columns raise.
# Hurts:    props as JSON, where a whole line is written 5 and a half line 5.5. At exactly 5 the
#           over of 5.5 loses and the over of 5 is refunded. The mistake is there only on long
#           slates that begin with whole lines.
# Instead:  give a schema of floats, or `infer_schema_length=None`; hand over columns where a
#           mistake should raise.
#
# Seen on 2026-11-28 with polars 2.1.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q polars==2.1.0
"$room/venv/bin/python" - <<'EOF'
import io, json
import polars as pl

print("polars", pl.__version__)
rows = [{"point": 5}] * 100 + [{"point": 5.5, "side": "Over"}]
whole = [{"point": row["point"]} for row in rows]
ways = {
    "DataFrame(rows)": lambda: pl.DataFrame(rows),
    "DataFrame(rows, strict=True)": lambda: pl.DataFrame(rows, strict=True),
    "from_dicts(rows)": lambda: pl.from_dicts(rows),
    "DataFrame([{5.5}], schema whole)": lambda: pl.DataFrame([{"point": 5.5}], schema={"point": pl.Int64}),
    "read_json": lambda: pl.read_json(json.dumps(whole).encode()),
    "DataFrame(rows, infer_schema_length=None)": lambda: pl.DataFrame(rows, infer_schema_length=None),
    "read_ndjson": lambda: pl.read_ndjson("\n".join(map(json.dumps, whole)).encode()),
    "read_csv": lambda: pl.read_csv(io.BytesIO(("point\n" + "\n".join(str(row["point"]) for row in rows)).encode())),
    "Series([5, 5.5])": lambda: pl.Series("point", [5, 5.5]).to_frame(),
    "DataFrame({point: [5.5]}, schema whole)": lambda: pl.DataFrame({"point": [5.5]}, schema={"point": pl.Int64}),
}
got = {}
for way, read in ways.items():
    try:
        frame = read()
        got[way] = (frame["point"][-1], frame.columns)
    except (pl.exceptions.PolarsError, TypeError) as error:
        got[way] = type(error).__name__
    print(f"{way:<44}{got[way]}")
silent = (5, ["point"])
assert [got[way] for way in list(ways)[:5]] == [silent] * 5, got
assert got["DataFrame(rows, infer_schema_length=None)"] == (5.5, ["point", "side"]), got
assert [got[way] for way in list(ways)[6:]] == ["ComputeError", "ComputeError", "TypeError", "TypeError"], got
EOF
