"""Takes one file through: open, recognise, clean, verify, publish. The original is whole at any moment."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable
from typing import BinaryIO

from privkit import files
from privkit.errors import Broken, Refused, WrongUse
from privkit.files import Subject
from privkit.model import Finding, Level, Outcome
from privkit.runner import IN_MEMORY, guarded, spooled
from privkit.scrub.job import Job, ScrubOptions
from privkit.source import Source


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

    return guarded(subject.path, work)


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

    return guarded("-", work)


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
