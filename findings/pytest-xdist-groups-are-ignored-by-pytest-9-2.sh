#!/usr/bin/env bash
# `--dist loadgroup` with `xdist_group` marks spreads a group over both workers under pytest 9.2,
# without a warning.
#
# Expected: tests of one `xdist_group` run in one worker, one after the other, as under pytest 8.4
#           with the same pytest-xdist.
# Happens:  the mark is accepted (also with --strict-markers) and has no effect: four tests of one
#           group run in two workers. `--dist loadscope` and `loadfile` still keep theirs together.
# Hurts:    tests that share a database file, a port or an expensive fixture: a flaky suite after an
#           upgrade, not a red one.
# Instead:  `loadscope` or `loadfile`, or a lock in the fixture.
#
# Seen on 2026-11-28 with pytest 9.2.0 and 8.4.2, pytest-xdist 3.8.0 and execnet 2.1.2 on Python
# 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir "$room/tests"
cat > "$room/tests/test_lake.py" <<'EOF'
import os, time
import pytest

pytestmark = pytest.mark.xdist_group("lake")


@pytest.mark.parametrize("number", range(4))
def test_of_one_group(number, worker_id):
    with open(os.environ["WORKERS"], "a") as log:
        log.write(worker_id + "\n")
    time.sleep(0.5)
EOF
for version in 9.2.0 8.4.2; do
    python3 -m venv "$room/$version"
    "$room/$version/bin/pip" install -q "pytest==$version" pytest-xdist==3.8.0 execnet==2.1.2
    for way in loadgroup loadscope; do
        export WORKERS="$room/workers-$version-$way"
        "$room/$version/bin/python" -m pytest -q -p no:cacheprovider --strict-markers -n 2 \
            --dist "$way" "$room/tests" > "$room/out" 2>&1 || { cat "$room/out"; exit 1; }
        echo "pytest $version, --dist $way: $(wc -l < "$WORKERS") tests in $(sort -u "$WORKERS" | wc -l) worker(s)"
    done
done
used() { sort -u "$room/workers-$1-$2" | wc -l; }
[ "$(used 9.2.0 loadgroup)" -eq 2 ]
[ "$(used 9.2.0 loadscope)" -eq 1 ]
[ "$(used 8.4.2 loadgroup)" -eq 1 ]
