"""Pages in Markdown on the screen: fitted tables, prose without markup."""

from rates_assets.cli.views.page import print_page
from tests.unit.rates_assets.cli.views.screen import lines_of

PAGE = """# Roles

Written by `rates roles`: *regulars* play **much**, and this sentence goes on for longer than one line of a terminal.

- one thing
- another

| season | steps | ARI | players |
|---|---|---|---|
| 2023-24 | 6 | 0.812 | 1,412 |
| 2024-25 | 6 | 0.790 [0.75, 0.83] | 1,388 |

| role | regulars | among them |
|---|---:|---|
| hub | 12 | Nikola Jokić, Domantas Sabonis, Alperen Şengün, Bam Adebayo, Draymond Green |

![picture](img/x.png)
"""


def test_a_page_fits_and_no_number_is_cut() -> None:
    lines = lines_of(lambda console: print_page(console, PAGE), 60)
    assert max(map(len, lines)) <= 60
    assert "|" not in "".join(lines)
    assert "`" not in "".join(lines)
    assert "*" not in "".join(lines)
    assert lines[0] == "Roles"
    assert "2024-25     6 0.790 [0.75, 0.83]   1,388" in lines
    assert "- one thing" in lines
    assert lines[-3:] == [
        "role regulars among them",
        "hub        12 Nikola Jokić, Domantas Sabonis, Alperen",
        "              Şengün, Bam Adebayo, Draymond Green",
    ]


def test_the_last_columns_go_first_and_are_named() -> None:
    lines = lines_of(lambda console: print_page(console, PAGE), 36)
    assert "2024-25     6 0.790 [0.75, 0.83]" in lines
    assert "not shown at this width: players; use a wider terminal, --output or --json" in lines
