#!/usr/bin/env bash
# In a ruled PDF table a name that is a little too long mixes its last letters into the next cell:
# the status reads "oOut".
#
# Expected: a string that was written in one piece comes out in one piece, in the cell where it
#           begins.
# Happens:  pdfplumber's `extract_table` sorts single letters into cells, each by its own middle,
#           and within a cell by where they stand. What hangs over the line is read with the
#           neighbour, in front of its text or in between ("oaQnuestionable"); what hangs over the
#           table's edge is in no cell and is gone. The number of rows and cells is right.
#           `extract_words` mixes the same way. pypdfium2 keeps the order in which the letters were
#           written: two cells may be glued there ("JoanQuestionable") but never mixed.
# Hurts:    availability reports: `status == "Out"` fails for exactly the players with long names,
#           who then count as healthy.
# Instead:  keep the order of the file (pypdfium2, or `use_text_flow=True` for words), look for a
#           known status at the end of what may be glued, and treat a status that is none of the
#           known ones as an error.
#
# Seen on 2026-11-28 with pdfplumber 0.11.10 and pypdfium2 5.15.2 on a page made by reportlab 5.1.0,
# Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q pdfplumber==0.11.10 pypdfium2==5.15.2 reportlab==5.1.0
"$room/venv/bin/python" - <<'EOF'
import io
from importlib.metadata import version
import pdfplumber, pypdfium2
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

print("pdfplumber", version("pdfplumber"), "pypdfium2", version("pypdfium2"), "reportlab", version("reportlab"))
rows = [
    ["Two, Bea", "Out", "Left Knee; Soreness"],
    ["Longname-Doubledale, Jo", "Out", "Right Ankle; Sprain, worse"],
    ["Longname-Doubledale, Joan", "Questionable", "Left Knee; Soreness"],
]
table = Table(rows, colWidths=[120, 90, 120], style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0))]))
page = io.BytesIO()
SimpleDocTemplate(page).build([table])
with pdfplumber.open(page) as document:
    read = document.pages[0].extract_table()
    words = [word["text"] for word in document.pages[0].extract_words()]
    flow = [word["text"] for word in document.pages[0].extract_words(use_text_flow=True)]
whole = pypdfium2.PdfDocument(page.getvalue())[0].get_textpage().get_text_range().splitlines()
for written, cells in zip(rows, read):
    print(written, "->", cells)
print("words:           ", words)
print("words, text flow:", flow)
print("pypdfium2:       ", whole)
assert read == [
    ["Two, Bea", "Out", "Left Knee; Soreness"],
    ["Longname-Doubledale, J", "oOut", "Right Ankle; Sprain, wors"],
    ["Longname-Doubledale, J", "oaQnuestionable", "Left Knee; Soreness"],
], read
assert "JoaQnuestionable" in words and "JoaQnuestionable" not in flow
assert not any("oaQ" in line for line in whole)
EOF
