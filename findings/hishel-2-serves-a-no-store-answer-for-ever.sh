#!/usr/bin/env bash
# Since hishel 2 a live box score that says `Cache-Control: no-store` is fetched once and served
# from disk forever.
#
# Expected: an HTTP cache for httpx follows the answers' caching headers, as hishel 1 did by
#           default: no-store is not stored.
# Happens:  the client's default is now `rfc=False`: every successful GET is stored by its URL,
#           whatever its headers say: no-store, max-age=0, max-age=1 or nothing at all. Without a
#           `ttl` no entry ever expires, and the default storage is a file, so it outlives the
#           process. With `rfc=True` the headers count.
# Hurts:    scores, injury reports, odds: after an upgrade the poller gets the first answer of the
#           evening all night, with status 200, and is very fast.
# Instead:  `CacheClient(rfc=True)`, and for live URLs a client without a cache.
#
# Seen on 2026-11-28 with hishel 2.0.0, hishel 1.4.0 and httpx 0.28.1 on Python 3.11.7. The server
# is this script's own, on loopback.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
for version in 2.0.0 1.4.0; do
    python3 -m venv "$room/$version"
    "$room/$version/bin/pip" install -q "hishel[httpx]==$version" httpx==0.28.1
done
cat > "$room/ask.py" <<'EOF'
import json, sys, tempfile, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
import hishel, hishel.httpx

HEADERS = {
    "/no-store": "no-store",
    "/max-age-0": "max-age=0, must-revalidate",
    "/max-age-1": "max-age=1",
    "/nothing": None,
    "/max-age-60": "max-age=60",
}
NEW = version("hishel").startswith("2")
Client = hishel.httpx.CacheClient if NEW else hishel.httpx.SyncCacheClient
Storage = hishel.SqliteStorage if NEW else hishel.SyncSqliteStorage


class Scores(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        Scores.asked += 1
        body = json.dumps({"home_points": Scores.asked}).encode()
        self.send_response(200)
        if HEADERS[self.path]:
            self.send_header("Cache-Control", HEADERS[self.path])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


server = ThreadingHTTPServer(("127.0.0.1", 0), Scores)
threading.Thread(target=server.serve_forever, daemon=True).start()


def requests_sent(**options: object) -> dict[str, int]:
    storage = Storage(database_path=Path(tempfile.mkdtemp(dir=sys.argv[1])) / "cache.db")
    sent = {}
    with Client(storage=storage, **options) as client:
        for path in HEADERS:
            Scores.asked = 0
            client.get(f"http://127.0.0.1:{server.server_port}{path}").read()
            time.sleep(1.5 if path == "/max-age-1" else 0)
            client.get(f"http://127.0.0.1:{server.server_port}{path}").read()
            sent[path] = Scores.asked
    return sent


print("requests sent for two GETs of each path, hishel", version("hishel"))
default = requests_sent()
print("default  ", default)
if NEW:
    by_the_book = requests_sent(rfc=True)
    print("rfc=True ", by_the_book)
    Scores.asked = 0
    for _ in range(2):  # clients that share nothing but the folder in which the script runs
        with Client() as client:
            client.get(f"http://127.0.0.1:{server.server_port}/no-store").read()
    print("two clients one after the other, default storage:", Scores.asked, "request")
    assert Scores.asked == 1
    assert list(default.values()) == [1, 1, 1, 1, 1], default
    assert list(by_the_book.values()) == [2, 2, 2, 2, 1], by_the_book
else:
    assert list(default.values()) == [2, 2, 2, 2, 1], default
EOF
cd "$room"
for version in 2.0.0 1.4.0; do
    HOME="$room" "$room/$version/bin/python" -W ignore "$room/ask.py" "$room"
done
