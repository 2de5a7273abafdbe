"""Writes the pages of the documentation that follow from the code: docs/formats.md. With --check it only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from privkit.formats import formats, markdown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "formats.md"


def main() -> int:
    page = markdown(formats())
    if "--check" in sys.argv:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != page:
            print("docs/formats.md is not what the code says: run python tools/make_docs.py")
        return int(current != page)
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
