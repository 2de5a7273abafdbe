"""One source on its way to a clean file, and the proof that it is one.

A clean copy is published only when all of these hold of the finished file, read back from the disk:
our own reader finds nothing above NOTE and would change nothing; independent readers find nothing
outside the allow-list; all that decides what is shown equals the original's, byte for byte; with
`verify="full"` the decoded frames are equal too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from privkit.errors import Broken, PrivkitError, Refused
from privkit.model import Fact, Level, Outcome, State, Topic
from privkit.pieces import equal, identical, write
from privkit.plugin import Clean, Policy
from privkit.runner import recognised
from privkit.source import Source


@dataclass(frozen=True, slots=True)
class ScrubOptions:
    """How clean copies are made and where they go. Picklable: it travels to the workers."""

    policy: Policy = field(default_factory=Policy)
    output: str = ""
    """One clean file, at this path."""
    folder: str = ""
    """All clean files below this folder, which exists; else each beside its original."""
    name: str = ""
    """Pattern of their names. "": `{stem}.clean{suffix}` beside the originals, the originals' own names in `folder`."""
    rename: str = ""
    """`random`, `date` (of the cleaning) or ""."""
    times: str = "now"
    """Time of last change of the copy: `now`, `keep` or `epoch`."""
    in_place: bool = False
    dry_run: bool = False
    verify: str = "fast"
    plugins: tuple[str, ...] = ()


class Unverified(PrivkitError):
    """The finished copy did not pass its verification. It was thrown away."""


class Job:
    """One source on its way to a clean file."""

    def __init__(self, source: Source, options: ScrubOptions) -> None:
        self.source, self.options = source, options
        self.scrubber, self.kind = recognised(source, options.plugins)
        self.document = self.scrubber.read(source)
        self.clean: Clean = self.scrubber.clean(self.document, options.policy)
        self.removed = self.clean.removed
        if not self.removed and not identical(self.clean.pieces, source):
            self.removed = ("the order of its parts",)

    def make(self, target: BinaryIO) -> None:
        """Write the clean file to `target` and verify it there. Raises Unverified."""
        write(self.clean.pieces, self.source, target)
        with Source(target, twin=self.source) as clean:
            verify(self, clean)

    def outcome(self, subject: str, target: str = "") -> Outcome:
        state = State.DONE if self.removed else State.UNCHANGED
        facts: dict[str, Fact] = {
            "type": self.kind.name,
            "removed": list(self.removed),
            "kept": list(self.clean.kept),
        }
        if target:
            facts["target"] = target
        return Outcome(subject, state, self.clean.notes, facts=facts)


def verify(job: Job, clean: Source) -> None:
    """Read the finished file back and compare it with what was promised; see the head of this module."""
    scrubber, policy = job.scrubber, job.options.policy
    try:
        document = scrubber.read(clean)
        again = scrubber.clean(document, policy)
        if again.removed or not identical(again.pieces, clean):
            raise Unverified("cleaning the copy again would still change it: " + ", ".join(again.removed))
        for finding in scrubber.inspect(document):
            if finding.level > Level.NOTE and (not policy.only_location or finding.topic == Topic.WHERE):
                raise Unverified(f"the copy still tells: {finding.title}")
        if not equal(scrubber.shown(job.document), job.source, scrubber.shown(document), clean):
            raise Unverified("the picture data in the copy differ from the original's")
        for objection in scrubber.objections(clean, policy):
            raise Unverified(f"another reader still finds {objection}")
        if job.options.verify == "full" and list(scrubber.frames(job.source)) != list(scrubber.frames(clean)):
            raise Unverified("the copy decodes to another picture than the original")
    except (Broken, Refused) as error:
        raise Unverified(f"the copy could not be checked ({error})") from error
