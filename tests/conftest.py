"""Set-up that all tests share."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import privkit

ROOT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("privkit.checks") is None:  # a bare checkout, not installed
    privkit.__path__.append(str(ROOT))
