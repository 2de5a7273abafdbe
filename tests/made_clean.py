"""Cleans bytes in memory through the runner's own steps, and holds the result to all that must be true of it."""

from __future__ import annotations

import io
from dataclasses import replace

from privkit.plugin import Clean, Policy
from privkit.scrub.job import Job, ScrubOptions
from privkit.source import Source

STRICT = Policy(keep_orientation=False, keep_color=False, keep_date=False, strict=True)
ONLY_LOCATION = Policy(only_location=True)


def cleaned(data: bytes, policy: Policy | None = None, verify: str = "fast") -> tuple[bytes, Clean]:
    """The verified clean copy of `data`, and how it was made. Raises what the runner would say."""
    options = replace(ScrubOptions(), policy=policy or Policy(), verify=verify)
    with Source.of(data) as source:
        job = Job(source, options)
        made = io.BytesIO()
        job.make(made)
        return made.getvalue(), job.clean
