"""The documents: links lead somewhere, named paths exist, lines are short, pages say what their generators say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rates_lib.evaluation.reports import accuracy, impact
from rates_lib.evaluation.reports.tables import prose

ROOT = Path(__file__).parents[2]
GENERATED = {"data_dictionary.md"}
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_PATH = re.compile(r"(?:rates_lib|rates_assets|sql|tests|docs|benchmarks|dagster_home|\.ci)(?:/[\w./-]+)?")
LONGEST = 100
_EXAMPLES = {f"rates_lib/{name}.py" for name in ("features/assist_form", "models/fouls", "sources/depth_charts")}  # of CONTRIBUTING.md


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as the usual hosts make them."""
    heads = re.findall(r"^#+ (.*)$", _CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(_CODE.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [p for p in PAGES if p.name not in GENERATED], ids=name_of)
def test_every_named_path_exists(page: Path) -> None:
    named = {span for span in _SPAN.findall(_CODE.sub("", page.read_text())) if _PATH.fullmatch(span)}
    assert sorted(path for path in named - _EXAMPLES if not (ROOT / path).exists()) == []


def test_where_does_x_go_names_every_package() -> None:
    text = (ROOT / "docs/where-does-x-go.md").read_text()
    packages = [p.parent.relative_to(ROOT) for p in sorted(ROOT.glob("rates_lib/*/__init__.py"))]
    assert [str(p) for p in packages if f"`{p}`" not in text] == []


@pytest.mark.parametrize("page", [p for p in PAGES if p.name not in GENERATED], ids=name_of)
def test_lines_are_short(page: Path) -> None:
    long = [line for line in page.read_text().splitlines() if len(line) > LONGEST and not line.lstrip().startswith("|")]
    assert long == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text()
    assert [p.name for p in ROOT.glob("docs/*.md") if p.name != "README.md" and f"({p.name})" not in index] == []


@pytest.mark.parametrize("text", [accuracy._HEAD, accuracy._READ])
@pytest.mark.parametrize("page", ["accuracy.md", "accuracy_teams.md"])
def test_the_accuracy_pages_say_what_their_generator_says(page: str, text: str) -> None:
    assert prose(text) in (ROOT / "docs" / page).read_text()


def test_the_page_of_impact_says_what_its_generator_says() -> None:
    page = (ROOT / "docs/impact.md").read_text()
    for text in (impact._HEAD.format(years="2012..2024"), impact._MARGINS, impact._LEFT_OUT):
        assert prose(text) in page


def test_package_changelog_and_citation_name_one_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.findall(r"^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0] == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
