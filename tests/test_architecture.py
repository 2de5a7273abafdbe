"""Keeps the house as it was drawn: who may import whom, what starting costs, and that nothing opens a connection."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOME = {"privkit": ROOT / "privkit", "privkit.checks": ROOT / "checks", "privkit.scrubbers": ROOT / "scrubbers"}
MODULES = [(package, path) for package, folder in HOME.items() for path in sorted(folder.rglob("*.py"))]
NETWORK = {"socket", "ssl", "http", "urllib", "requests", "ftplib", "smtplib", "asyncio", "socketserver", "xmlrpc", "webbrowser"}
HEAVY = {"PIL", "piexif", "exifread", "rich", "platformdirs"}


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Full names of all modules imported in `tree`, which stands in `package`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            yield ".".join(part for part in (base, node.module or "") if part)
            yield from (".".join(part for part in (base, node.module or "", alias.name) if part) for alias in node.names)


def package_of(package: str, path: Path) -> str:
    return ".".join([package, *path.relative_to(HOME[package]).parent.parts])


def plug_in_area(name: str) -> str:
    return next((area for area in ("privkit.checks", "privkit.scrubbers") if name == area or name.startswith(area + ".")), "")


@pytest.mark.parametrize(("package", "path"), MODULES, ids=lambda value: str(value).removeprefix(str(ROOT)))
def test_who_imports_whom(package: str, path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name in imports(tree, package_of(package, path)):
        area = plug_in_area(name)
        assert not area or area == package, f"{path}: {name} is a plug-in of another area"
        assert name.split(".")[0] not in ("checks", "scrubbers", "tests"), f"{path}: {name}"
        if path.name not in ("command.py", "cli.py", "__main__.py"):
            assert name.split(".")[0] != "click", f"{path}: only commands talk to Click"
        assert name.split(".")[0] not in NETWORK, f"{path}: {name} can open a connection"


@pytest.mark.parametrize(("package", "path"), MODULES, ids=lambda value: str(value).removeprefix(str(ROOT)))
def test_heavy_libraries_are_imported_where_they_are_needed(package: str, path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    head = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
    loaded = {name.split(".")[0] for name in imports(head, package_of(package, path))}
    assert not loaded & HEAVY, f"{path}: import {loaded & HEAVY} inside the functions that need it"


def test_siblings_of_plug_ins_are_imported_relatively() -> None:
    for package, path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level and package != "privkit":
                assert not plug_in_area(node.module or ""), f"{path}: {node.module}"


def test_the_core_model_needs_nothing_of_privkit() -> None:
    tree = ast.parse((ROOT / "privkit" / "model.py").read_text(encoding="utf-8"))
    assert not [name for name in imports(tree, "privkit") if name.startswith("privkit")]


def test_pyproject_lists_every_package() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    there = {
        ".".join([package, *init.parent.relative_to(folder).parts])
        for package, folder in HOME.items()
        for init in folder.rglob("__init__.py")
    }
    assert sorted(listed) == sorted(there)


def test_every_folder_with_modules_is_a_package() -> None:
    for _, path in MODULES:
        assert (path.parent / "__init__.py").exists(), path


def loaded_by(*arguments: str) -> set[str]:
    """The modules that are loaded when privkit has run with these arguments."""
    program = (
        "import sys, io; from privkit.__main__ import main; out, sys.stdout = sys.stdout, io.StringIO();"
        f"main({list(arguments)!r}); print(*sys.modules, file=out)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return set(done.stdout.split())


@pytest.mark.parametrize("arguments", [("--version",), ("-q", "--version"), (), ("--help",), ("scrub", "--help")])
def test_starting_loads_no_plug_in_and_no_heavy_library(arguments: tuple[str, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert "privkit.model" in loaded
    assert not [name for name in loaded if plug_in_area(name)]
    assert not {name.split(".")[0] for name in loaded} & (HEAVY | NETWORK - {"urllib"})
    assert "privkit.runner" not in loaded


def test_the_version_is_told_before_click_is_loaded() -> None:
    assert "click" not in loaded_by("--version")


def test_nothing_opens_a_connection(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", comment=b"hello")
    program = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit(f"CONNECTS {event} {arguments}")
sys.addaudithook(watch)
from privkit.__main__ import main
sys.exit(main(["inspect", "a.jpg"]) + 10 * main(["scrub", "a.jpg", "--verify", "full"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PRIVKIT_CONFIG": "/none/none"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 1, done.stderr  # the comment is a finding; cleaning it succeeds
    assert "CONNECTS" not in done.stdout + done.stderr
