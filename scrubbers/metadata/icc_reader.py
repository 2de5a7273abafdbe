"""What Little CMS (in Pillow) still reads of words and makers in a colour profile: an independent judge of `icc.reduced`."""

from __future__ import annotations

import io
from collections.abc import Iterator

from privkit.text import safe

WORDS = frozenset(("sRGB", "Display", "Gray", "CMYK", "No copyright, use freely"))
"""What a reduced profile says of itself."""
TEXTS = (
    *("profile_description", "copyright", "manufacturer", "model", "target"),
    *("viewing_condition", "screening_description", "header_manufacturer", "header_model"),
)


def profile_objections(profile: bytes | None) -> Iterator[str]:
    """An objection for each text or maker in a profile beyond those that thousands of pictures share."""
    from PIL import ImageCms

    if not profile:
        return
    try:
        read = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    except OSError:
        yield "a colour profile that Little CMS cannot read"
        return
    for name in TEXTS:
        text = str(getattr(read, name) or "").strip("\0")
        if text and text not in WORDS:
            yield f"Little CMS finds {safe(text, 60)!r} in the colour profile ({name.replace('_', ' ')})"
