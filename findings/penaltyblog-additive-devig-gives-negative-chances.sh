#!/usr/bin/env bash
# Two of penaltyblog's seven ways to take out the margin give the longshot a chance of -1.2 %, and
# say nothing.
#
# Expected: implied probabilities lie between 0 and 1, whatever the method, or the method refuses.
# Happens:  "additive" takes the same amount from each outcome, "differential_margin_weighting"
#           (which reads as if it were more careful) gives the same numbers here. Odds of 1.01, 15
#           and 101 are enough. The sum is 1, so a check of the sum passes, and a log loss or a fair
#           price of the longshot is NaN or negative later on.
# Hurts:    first-basket scorers, awards, correct-score ladders, any market with many outcomes,
#           where the margin is large and the longshots are long.
# Instead:  "power", "odds_ratio" or "logarithmic" for many outcomes; check each probability and not
#           the sum.
#
# Seen on 2026-11-28 with penaltyblog 1.13.1, numpy 2.4.6, scipy 1.17.1 and pandas 3.1.1 on Python
# 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q penaltyblog==1.13.1 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1
"$room/venv/bin/python" -W error - <<'EOF'
from importlib.metadata import version
from penaltyblog.implied import ImpliedMethod, calculate_implied

print("penaltyblog", version("penaltyblog"))
lowest = {}
for method in ImpliedMethod:
    chances = calculate_implied([1.01, 15.0, 101.0], method).probabilities
    lowest[method.value] = min(chances)
    print(f"{method.value:<32}{[round(chance, 4) for chance in chances]} sum {sum(chances):.6f}")
    assert abs(sum(chances) - 1) < 1e-6
negative = sorted(method for method, chance in lowest.items() if chance < 0)
assert negative == ["additive", "differential_margin_weighting"], negative
assert round(lowest["additive"], 4) == -0.0123
EOF
