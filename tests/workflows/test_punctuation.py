"""Chinese that people read has Chinese punctuation (GB/T 15834); citations keep their digits and brackets."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("api", "engine", "storage", "workflows")
VALUE = "\ue000"
"""Stands for a value that is put into a text."""
HALF_WIDTH = re.compile(rf"[一-鿿”》）{VALUE}][,;:?!]|[,;:?!][一-鿿“《（]|[一-鿿”]\([一-鿿“{VALUE}]")
OTHER = re.compile(r"\S*://\S*|\(\?.*")
"""Forms of addresses and patterns, which have half-width signs in any language."""


def of_module(text: str) -> Iterator[str]:
    """The texts of a module, without its docstrings."""
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    described = {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, documented) and node.body}
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and id(node) in described}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def of_data(value: Any) -> Iterator[str]:
    """The texts of a TOML file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from of_data(inner)


def shown(path: Path) -> Iterator[str]:
    """The texts of a file that hold Chinese and little else."""
    text = path.read_text("utf-8")
    for found in of_module(text) if path.suffix == ".py" else of_data(tomllib.loads(text)):
        if len(re.findall("[一-鿿]", found)) > len(re.findall("[A-Za-z]{2,}", found)):
            yield found


@pytest.mark.parametrize("layer", LAYERS)
def test_chinese_texts_have_chinese_punctuation(layer: str) -> None:
    files = [path for path in (ROOT / layer).rglob("*") if path.suffix in {".py", ".toml"}]
    texts = [(path, text) for path in files for text in shown(path)]
    assert texts
    wrong = [f"{path.relative_to(ROOT)}: {text}" for path, text in texts if HALF_WIDTH.search(OTHER.sub("", text))]
    assert wrong == []
