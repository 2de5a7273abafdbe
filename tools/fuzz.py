"""A long campaign of damaged files against every scrubber, in limited workers: `make fuzz`.

Usage: fuzz.py [--minutes N] [--seed N] [--keep DIR] FILE|FOLDER...

Each round takes one of the files, flips bits, cuts, repeats, overwrites lengths, and asks for a clean copy. What must
never happen: an exception that is not ours, a hang, more memory than allowed, a clean copy that decodes to another
picture than its source. Whatever does is written to --keep, with its reason as its name.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
import time
import warnings
from collections import Counter, deque
from concurrent.futures import Future
from pathlib import Path

from privkit.errors import Broken, PrivkitError
from privkit.plugin import Policy
from privkit.registry import HEAD, recognise
from privkit.runner import recognised
from privkit.scrub.job import Job, ScrubOptions, Unverified
from privkit.source import Source
from privkit.workers import Workers

LARGEST_SEED = 400_000
SECONDS, MEMORY = 20, 1024**3
POLICIES = (
    Policy(),
    Policy(keep_date=True),
    Policy(keep_orientation=False, keep_color=False, strict=True),
    Policy(only_location=True),
)
LENGTHS = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\1", b"\1\0\0\0")


def damaged(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to four wounds, mostly near its start, where structure is."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if len(made) < 16:
            break
        reach = len(made) if chance.random() < 0.3 else min(len(made), 2000)
        at = chance.randrange(reach)
        match chance.randrange(7):
            case 0:
                made[at] ^= 1 << chance.randrange(8)
            case 1:
                made[at] = chance.randrange(256)
            case 2:
                made[at : at + 4] = chance.choice(LENGTHS)
            case 3:
                del made[at + chance.randrange(64) :]
            case 4:
                made[at:at] = made[at : at + chance.randrange(1, 400)]
            case 5:
                del made[at : at + chance.randrange(1, 400)]
            case 6:
                made[at:at] = chance.randbytes(chance.randrange(1, 60))
    return bytes(made)


def attempt(data: bytes, policy: Policy) -> str:
    """What came of one damaged file: a kind of outcome, starting with ! where it must not be."""
    options = ScrubOptions(policy=policy)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Source.of(data) as source:
            try:
                scrubber, kind = recognised(source)
                document = scrubber.read(source)
                list(scrubber.inspect(document))
                list(scrubber.thumbnails(document))
                job = Job(source, options)
                made = io.BytesIO()
                job.make(made)
            except Unverified as error:
                return f"unverified: {kind.id}: {error}"[:160]
            except PrivkitError:
                return "refused"
            with Source.of(made.getvalue()) as clean:
                return f"{kind.id} cleaned" if _same_pictures(job, source, clean) else f"!{kind.id}: another picture"


def _same_pictures(job: Job, source: Source, clean: Source) -> bool:
    try:
        before = list(job.scrubber.frames(source))
    except PrivkitError:
        return True  # the damaged original does not decode either
    try:
        return list(job.scrubber.frames(clean)) == before
    except PrivkitError:
        return False


def seeds(paths: list[Path]) -> list[bytes]:
    found = [path for root in paths for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
    datas = [path.read_bytes() for path in found if path.is_file() and path.stat().st_size <= LARGEST_SEED]
    return [data for data in datas if recognise(data[:HEAD]) is not None]


def judged(future: Future[str]) -> str:
    try:
        return future.result()
    except Broken as error:
        return f"!{error}"
    except Exception as error:
        return f"!{type(error).__name__}: {error}"[:160]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    chance, corpus, outcomes = random.Random(options.seed), seeds(options.paths), Counter[str]()  # noqa: S311
    end = time.monotonic() + options.minutes * 60
    under_way: deque[tuple[bytes, Future[str]]] = deque()
    with Workers(os.cpu_count() or 1, SECONDS, MEMORY) as workers:
        while time.monotonic() < end or under_way:
            while time.monotonic() < end and len(under_way) < 16:
                data = damaged(chance.choice(corpus), chance)
                under_way.append((data, workers.submit(attempt, data, chance.choice(POLICIES))))
            data, future = under_way.popleft()
            outcome = judged(future)
            outcomes[outcome] += 1
            if outcome[0] in "!u" and options.keep and outcomes[outcome] <= 3:
                options.keep.mkdir(exist_ok=True)
                name = "".join(c if c.isalnum() else "-" for c in outcome)[:90]
                (options.keep / f"{name}.{outcomes[outcome]}").write_bytes(data)
    for outcome, count in outcomes.most_common():
        print(f"{count:8} {outcome}")
    return int(any(outcome.startswith("!") for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
