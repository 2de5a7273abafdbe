"""Takes files through a scrubber: open, recognise, clean, verify, publish; many at once.

A clean copy is published only when all of these hold of the finished file, read back from the disk:
our own reader finds nothing above NOTE and would change nothing; independent readers find nothing
outside the allow-list; all that decides what is shown equals the original's, byte for byte; with
`verify="full"` the decoded frames are equal too; and the original did not change meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from privkit import files, registry
from privkit.errors import Broken, PrivkitError, Refused, WrongUse
from privkit.files import Subject
from privkit.filetypes import name_of
from privkit.model import Fact, Finding, Level, Outcome, State, Topic
from privkit.pieces import equal, identical, write
from privkit.plugin import Clean, FileType, Policy, Scrubber
from privkit.source import Source

IN_MEMORY = 16 * 1024 * 1024
"""How much of standard input is held in memory; what is beyond goes to a file without a name."""


@dataclass(frozen=True, slots=True)
class InspectOptions:
    plugins: tuple[str, ...] = ()


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


# --- one file ---------------------------------------------------------------------------------------


def inspect_file(subject: Subject, options: InspectOptions) -> Outcome:
    """What one file tells. Never raises for what is wrong with the file."""

    def look() -> Outcome:
        with files.open_input(subject.path) as file, Source(file) as source:
            found = os.fstat(file.fileno())
            return _inspected(subject.path, source, options, found)

    return _guarded(subject.path, look)


def inspect_stream(stream: BinaryIO, options: InspectOptions) -> Outcome:
    """What the file on a stream (standard input) tells."""

    def look() -> Outcome:
        with spooled(stream) as file, Source(file) as source:
            return _inspected("-", source, options, None)

    return _guarded("-", look)


def _inspected(path: str, source: Source, options: InspectOptions, found: os.stat_result | None) -> Outcome:
    from privkit.inspect.outside import outside

    facts: dict[str, Fact] = {"bytes": source.size}
    kind: FileType | None = None
    findings: list[Finding] = []
    reason, state = "", State.DONE
    try:
        scrubber, kind = recognised(source, options.plugins)
        document = scrubber.read(source)
        facts |= {"type": kind.name, **_dimensions(scrubber, document)}
        findings += scrubber.inspect(document)
        findings += _cut_away(scrubber, document, source)
    except Refused as error:
        state, reason = State.UNKNOWN, str(error)
    except Broken as error:
        state, reason = State.FAILED, str(error)
    if found is not None:
        findings += outside(path, kind, found)
    findings.sort(key=_urgency)
    return Outcome(path, state, tuple(findings), reason, facts)


def _urgency(finding: Finding) -> tuple[int, int]:
    """Worst first; among equals in the order of `Topic`."""
    topics = [topic.value for topic in Topic]
    return -finding.level, topics.index(finding.topic) if finding.topic in topics else len(topics)


def _dimensions(scrubber: Scrubber[Any], document: Any) -> dict[str, Fact]:
    found = scrubber.dimensions(document)
    return {} if found is None else {"width": found[0], "height": found[1]}


def _cut_away(scrubber: Scrubber[Any], document: Any, source: Source) -> Iterator[Finding]:
    from privkit.inspect.thumbnails import compare

    for thumbnail in scrubber.thumbnails(document):
        yield compare(thumbnail, source)


def first_thumbnail(path: str, options: InspectOptions) -> bytes | None:
    """The largest of the small pictures inside a file, as a whole file of its own; None if there is none."""
    with files.open_input(path) as file, Source(file) as source:
        scrubber, _ = recognised(source, options.plugins)
        found = list(scrubber.thumbnails(scrubber.read(source)))
        return max(found, key=len, default=None)


def scrub_file(subject: Subject, options: ScrubOptions) -> Outcome:
    """Write a clean, verified copy of one file, or say why not. Never raises for what is wrong with the file."""

    def work() -> Outcome:
        with files.open_input(subject.path) as file, Source(file) as source:
            before = os.fstat(file.fileno())
            job = Job(source, options)
            if options.dry_run:
                return job.outcome(subject.path)
            if options.in_place:
                return _replace(subject, job, before)
            return _copy(subject, job, before)

    return _guarded(subject.path, work)


def scrub_stream(stream: BinaryIO, target: BinaryIO, options: ScrubOptions) -> Outcome:
    """Clean the file on `stream` (standard input) and write it to `target`, which gets nothing unless it verified."""

    def work() -> Outcome:
        import tempfile

        with spooled(stream) as file, Source(file) as source:
            job = Job(source, options)
            if options.dry_run:
                return job.outcome("-")
            with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as made:
                job.make(made)  # type: ignore[arg-type]
                with Source(made) as clean:  # type: ignore[arg-type]
                    for chunk in clean.chunks(0, clean.size):
                        target.write(chunk)
                target.flush()
            return job.outcome("-")

    return _guarded("-", work)


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


_CLEAN_NAME = re.compile(r"\.clean(-\d+)?$")


def _is_clean_copy(subject: Subject, job: Job) -> bool:
    """Whether this is a copy that privkit made earlier: then a run over the same folder does not copy it again."""
    options = job.options
    plain = not (options.output or options.folder or options.rename or options.name)
    return plain and not job.removed and _CLEAN_NAME.search(os.path.splitext(subject.path)[0]) is not None


def _copy(subject: Subject, job: Job, before: os.stat_result) -> Outcome:
    if _is_clean_copy(subject, job):
        return job.outcome(subject.path, subject.path)
    folder, names = _destination(subject, job.options)
    if job.options.output and os.path.lexists(job.options.output):
        raise WrongUse("the file to write exists already, and nothing is written over", "give another name with -o")
    if folder:
        os.makedirs(folder, exist_ok=True)
    with files.Draft(folder) as draft:
        job.make(draft.file)
        _still_the_same(job.source.file, before)
        _finish(draft.file, before, job.options)
        target = draft.publish(names)
    return job.outcome(subject.path, target)


def _replace(subject: Subject, job: Job, before: os.stat_result) -> Outcome:
    if os.path.islink(subject.path):
        raise Refused("this is a symbolic link; name the file itself to have it replaced")
    if not os.access(subject.path, os.W_OK):
        raise Refused("this file is write-protected, so it was not replaced")
    extra = _attributes(subject.path)
    if not job.removed and not extra:
        return job.outcome(subject.path, subject.path)
    if extra:
        job.removed = (*job.removed, "attributes beside the content")
    folder, name = os.path.split(subject.path)
    with files.Draft(folder) as draft:
        job.make(draft.file)
        _finish(draft.file, before, job.options)
        _keep_owner(draft.file, before)
        if not files.unchanged(before, os.lstat(subject.path)):
            raise Broken("the file changed while it was being read")
        draft.replace(name)
    outcome = job.outcome(subject.path, subject.path)
    if before.st_nlink > 1:
        return Outcome(outcome.subject, outcome.state, (*outcome.findings, _other_names(before)), facts=outcome.facts)
    return outcome


def _other_names(before: os.stat_result) -> Finding:
    return Finding(
        "remains.hard-link",
        Level.WARN,
        "Other names of this file",
        f"the file has {before.st_nlink - 1} more name(s) (hard links); under them the original is still there",
        "look for them with: find / -xdev -inum " + str(before.st_ino),
    )


def _attributes(path: str) -> bool:
    """Whether the file has extended attributes of the user's own name space, which a replacement leaves out."""
    if not hasattr(os, "listxattr"):
        return False
    with contextlib.suppress(OSError):
        return any(name.startswith("user.") for name in os.listxattr(path))
    return False


def _keep_owner(file: BinaryIO, before: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        with contextlib.suppress(OSError):
            os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))


def _finish(file: BinaryIO, before: os.stat_result, options: ScrubOptions) -> None:
    """Permissions as the original's; times as asked for."""
    if hasattr(os, "fchmod"):
        os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode) & 0o777)
    if options.times == "keep":
        os.utime(file.fileno(), ns=(before.st_mtime_ns, before.st_mtime_ns))
    elif options.times == "epoch":
        os.utime(file.fileno(), (0, 0))


def _still_the_same(file: BinaryIO, before: os.stat_result) -> None:
    if not files.unchanged(before, os.fstat(file.fileno())):
        raise Broken("the file changed while it was being read")


def _destination(subject: Subject, options: ScrubOptions) -> tuple[str, Iterable[str]]:
    """The folder of the clean copy and the names that it may have there, the wished one first."""
    if options.output:
        folder, name = os.path.split(options.output)
        return folder, (name,)
    folder, name = os.path.split(subject.path)
    if options.folder:
        below = os.path.relpath(folder, subject.root) if subject.root else ""
        folder = os.path.normpath(os.path.join(options.folder, below))
    return folder, files.numbered(*_wished(name, options))


def _wished(name: str, options: ScrubOptions) -> tuple[str, str]:
    """Stem and suffix of the clean copy's name."""
    stem, suffix = os.path.splitext(name)
    if options.rename == "random":
        return secrets.token_hex(8), suffix.lower()
    if options.rename == "date":
        return time.strftime("%Y-%m-%d"), suffix.lower()
    pattern = options.name or ("{stem}{suffix}" if options.folder else "{stem}.clean{suffix}")
    return os.path.splitext(pattern.replace("{stem}", stem).replace("{suffix}", suffix))


def check_name(pattern: str) -> None:
    """Raises WrongUse unless `pattern` gives each file a name of its own within its folder."""
    if "{stem}" not in pattern or os.path.basename(pattern) != pattern or "\0" in pattern:
        raise WrongUse("--name needs {stem} in it, and no folder", "for example: --name '{stem}.clean{suffix}'")


def spooled(stream: BinaryIO) -> BinaryIO:
    """A seekable copy of a stream: in memory, beyond IN_MEMORY in a file without a name."""
    import shutil
    import tempfile

    spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    shutil.copyfileobj(stream, spool, 1024 * 1024)
    return spool  # type: ignore[return-value]


def recognised(source: Source, plugins: tuple[str, ...] = ()) -> tuple[Scrubber[Any], FileType]:
    """The scrubber for a source, by its content. Raises Refused with the kind of file where it is known."""
    if not source.size:
        raise Broken("the file is empty")
    head = source.read(0, min(registry.HEAD, source.size))
    found = registry.recognise(head, plugins)
    if found is None:
        raise Refused(name_of(head))
    return found


def _guarded(subject: str, work: Callable[[], Outcome]) -> Outcome:
    """Turn what can go wrong with one file into its outcome."""
    try:
        return work()
    except Refused as error:
        return Outcome(subject, State.REFUSED, reason=_reason(error))
    except PrivkitError as error:
        return Outcome(subject, State.FAILED, reason=_reason(error))
    except OSError as error:
        return Outcome(subject, State.FAILED, reason=files.explain(error))


def _reason(error: PrivkitError) -> str:
    return f"{error}. {error.hint}" if error.hint else str(error)


# --- verifying ----------------------------------------------------------------------------------------


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


# --- many files --------------------------------------------------------------------------------------


def run(
    task: Callable[[Subject], Outcome], found: Iterable[Subject | Outcome], executor: Executor, ahead: int = 64
) -> Iterator[Outcome]:
    """Do `task` for each subject in `executor` and give the outcomes in the order of the subjects.

    Any `concurrent.futures.Executor` serves. At most `ahead` subjects are under way, so that memory does
    not grow with their number. Outcomes among `found` (things that are no file) pass through.
    """
    under_way: deque[Future[Outcome] | Outcome] = deque()
    subjects: dict[int, Subject] = {}
    for one in found:
        if isinstance(one, Subject):
            future = executor.submit(task, one)
            subjects[id(future)] = one
            under_way.append(future)
        else:
            under_way.append(one)
        if len(under_way) >= ahead:
            yield _collected(under_way.popleft(), subjects)
    while under_way:
        yield _collected(under_way.popleft(), subjects)


def _collected(one: Future[Outcome] | Outcome, subjects: dict[int, Subject]) -> Outcome:
    if isinstance(one, Outcome):
        return one
    subject = subjects.pop(id(one))
    return _guarded(subject.path, one.result)
