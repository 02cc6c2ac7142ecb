"""The code blocks of CONTRIBUTING.md: found by the word after ```python, executed as they are printed."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
_BLOCK = r"^( *)```python {name}\n(.*?)^\1```$"


def example(name: str) -> str:
    """The code block that is called `name`."""
    (found,) = re.findall(_BLOCK.format(name=name), PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found[1])


def run(name: str) -> dict[str, Any]:
    """The names that an example defines."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile(example(name), f"CONTRIBUTING.md:{name}", "exec", dont_inherit=True), names)
    return names


def run_expression(name: str, known: dict[str, Any]) -> Any:
    """The value of an example that is one expression; `known` are the names that its module has already."""
    return eval(example(name), known)
