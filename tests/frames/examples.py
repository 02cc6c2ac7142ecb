"""The code blocks of CONTRIBUTING.md: selected by the word after ```python, executed as printed."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
_BLOCK = r"^( *)```python {name}\n(.*?)^\1```$"


def example(name: str) -> str:
    """The code block named `name`."""
    (match,) = re.findall(_BLOCK.format(name=name), PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(match[1])


def run(name: str) -> dict[str, Any]:
    """The names that an example defines."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile(example(name), f"CONTRIBUTING.md:{name}", "exec", dont_inherit=True), names)
    return names


def run_expression(name: str, known: dict[str, Any]) -> Any:
    """The value of an example that is one expression; `known` are the names already defined in its module."""
    return eval(example(name), known)
