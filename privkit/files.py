"""Finding, opening and publishing files, so that no file of the user's is ever lost or half there.

A clean copy is written to a file without a name (`O_TMPFILE`; where a system has none, under a hidden
one) and gets its name in one step, only when it is whole and verified, and never over another file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, BinaryIO

from privkit.errors import PrivkitError, Refused
from privkit.model import Outcome, State

PART = ".privkit-"
"""How the hidden name of an unfinished file starts, where it needs one."""
OPEN_FILES = "/proc/self/fd"
"""Where a file without a name can be reached to be given one."""
LARGE = 1024 * 1024
"""Bytes from which a file is worth a call of its own to the disk."""
LONGEST_NAME = 255
"""Bytes that a file name may have on the usual file systems."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A file to look at. `root` is the folder that the user named and under which it was found, or ""."""

    path: str
    root: str = ""


def explain(error: OSError) -> str:
    """An error of the operating system in plain words."""
    words = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "you have no permission for this",
        errno.EPERM: "the system does not permit this",
        errno.ENOSPC: "there is no space left on the disk",
        errno.EDQUOT: "your share of the disk is full",
        errno.EROFS: "this disk or folder is read-only",
        errno.ENAMETOOLONG: "the name or path is longer than the disk allows",
        errno.EIO: "the disk reported an error while reading or writing",
        errno.ELOOP: "the symbolic links here go in a circle",
        errno.EMFILE: "too many files are open at once",
        errno.EFBIG: "the file is larger than this disk allows",
    }
    return words.get(error.errno or 0, f"the system said: {error.strerror or error}")


def find(paths: Iterable[str], recursive: bool, leave_out: str = "") -> Iterator[Subject | Outcome]:
    """The files to look at, in order; an Outcome for each thing that is none.

    Folders are entered only if `recursive`, and then without following symbolic links; a link that the
    user names is followed. `leave_out` is a folder (that of the clean copies) which is never entered.
    """
    closed = _identity(leave_out) if leave_out else None
    for path in paths:
        try:
            found = os.stat(path)
        except (OSError, ValueError) as error:
            reason = explain(error) if isinstance(error, OSError) else "this cannot be the name of a file"
            yield Outcome(path, State.FAILED, reason=reason)
            continue
        if not stat.S_ISDIR(found.st_mode):
            one = _subject(path, found.st_mode, "")
            yield replace(one, state=State.REFUSED) if isinstance(one, Outcome) else one  # it was named: not passed over
        elif recursive and closed == (found.st_dev, found.st_ino):
            yield Outcome(path, State.FAILED, reason="the clean copies would go into this very folder; give another one for them")
        elif recursive:
            yield from _walk(path, closed)
        else:
            yield Outcome(path, State.FAILED, reason="this is a folder; use -r to go through it")


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _subject(path: str, mode: int, root: str) -> Subject | Outcome:
    if stat.S_ISREG(mode):
        return Subject(path, root)
    kind = (
        "a symbolic link; what it points to was not looked at"
        if stat.S_ISLNK(mode)
        else "not a file but a device, pipe or socket"
    )
    return Outcome(path, State.SKIPPED, reason=kind)


def _walk(root: str, closed: tuple[int, int] | None) -> Iterator[Subject | Outcome]:
    """All files below `root`, each folder's own before those of its sub-folders, by name."""
    folders = [root]
    while folders:
        folder = folders.pop()
        if closed is not None and _identity(folder) == closed:
            continue
        below: list[str] = []
        try:
            with os.scandir(folder) as entries:
                names = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Outcome(folder, State.FAILED, reason=explain(error))
            continue
        for entry in names:
            try:
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
                elif not entry.name.startswith(PART):
                    yield _subject(entry.path, entry.stat(follow_symlinks=False).st_mode, root)
            except OSError as error:
                yield Outcome(entry.path, State.FAILED, reason=explain(error))
        folders.extend(reversed(below))


def open_input(path: str) -> BinaryIO:
    """Open a regular file for reading, unbuffered. Never waits for a pipe, never opens a device."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused("this is not a regular file")
    return open(descriptor, "rb", buffering=0)


def unchanged(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether two looks at a file show the same file with the same content, as far as the system tells."""
    same_file = (before.st_dev, before.st_ino) == (after.st_dev, after.st_ino)
    return same_file and (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def numbered(stem: str, suffix: str) -> Iterator[str]:
    """`a.jpg`, `a-2.jpg`, `a-3.jpg` …, the stem cut where the disk could not hold the name."""
    for number in range(1, 100_000):
        tail = suffix if number == 1 else f"-{number}{suffix}"
        while len(os.fsencode(stem + tail)) > LONGEST_NAME and len(stem) > 1:
            stem = stem[:-1]
        yield stem + tail


class Draft:
    """A file that is being written in `folder` and has no name until it is published.

    As a context manager it vanishes at the end unless it was published.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._part = ""
        self._directory = _open_folder(folder or os.curdir)
        try:
            self.file: BinaryIO = self._open()
        except BaseException:
            self._close_folder()
            raise

    def _open(self) -> BinaryIO:
        if hasattr(os, "O_TMPFILE") and self._directory is not None and os.path.isdir(OPEN_FILES):
            with contextlib.suppress(OSError):  # not on this file system: a hidden name serves
                flags = os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC
                return open(os.open(".", flags, 0o600, dir_fd=self._directory), "r+b", buffering=0)
        self._part = f"{PART}{secrets.token_hex(8)}.part"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self._at(self._part), flags, 0o600, dir_fd=self._directory)
        _lock(descriptor)
        return open(descriptor, "r+b", buffering=0)

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.file.close()
        if self._part:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._at(self._part), dir_fd=self._directory)
        self._close_folder()

    def _close_folder(self) -> None:
        if self._directory is not None:
            os.close(self._directory)
            self._directory = None

    def _at(self, name: str) -> str:
        """How `name` in the folder is addressed: by descriptor where the system can, else by path."""
        return name if self._directory is not None else os.path.join(self.folder, name)

    def publish(self, names: Iterable[str]) -> str:
        """Give the file the first of `names` that is free, in one step. Returns its path."""
        for name in names:
            with contextlib.suppress(FileExistsError):
                self._name(name)
                _begin_to_settle(self.file.fileno())
                return os.path.join(self.folder, name)
        raise PrivkitError("no free name was found for the clean copy")

    def _name(self, name: str) -> None:
        if not self._part:
            _link_unnamed(self.file.fileno(), name, self._directory)
            return
        try:
            os.link(self._at(self._part), self._at(name), src_dir_fd=self._directory, dst_dir_fd=self._directory)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # this file system has no hard links
            _rename_exclusive(self._at(self._part), self._at(name), self._directory)
            self._part = ""

    def replace(self, name: str) -> None:
        """Put the file in the place of `name`, durably: the old or the new is there, whole, at any moment."""
        os.fsync(self.file.fileno())
        _lock(self.file.fileno())  # before it has a name that `sweep` could see
        if not self._part:
            part = f"{PART}{secrets.token_hex(8)}.part"
            _link_unnamed(self.file.fileno(), part, self._directory)
            self._part = part
        os.replace(self._at(self._part), self._at(name), src_dir_fd=self._directory, dst_dir_fd=self._directory)
        self._part = ""
        if self._directory is not None:
            os.fsync(self._directory)


def _open_folder(folder: str) -> int | None:
    if os.open not in os.supports_dir_fd or os.link not in os.supports_dir_fd:
        return None
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _link_unnamed(descriptor: int, name: str, directory: int | None) -> None:
    """Name an O_TMPFILE; see open(2). A given source descriptor makes Python call linkat(2) and follow the link."""
    os.link(f"{OPEN_FILES}/{descriptor}", name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=True)


def _rename_exclusive(old: str, new: str, directory: int | None) -> None:
    """Rename, but never over another file.

    Windows does so by itself; Linux and macOS have a call for it. Where a file system lacks that too (exFAT through
    FUSE), the name is first taken by an empty file of ours, so that no one else's can be there when the rename comes.
    """
    if sys.platform == "win32":
        os.rename(old, new)
    elif not _rename_by_system(old, new, directory):
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=directory))
        os.replace(old, new, src_dir_fd=directory, dst_dir_fd=directory)


def _rename_by_system(old: str, new: str, directory: int | None) -> bool:
    """renameat2(2) with RENAME_NOREPLACE, macOS's renameatx_np with RENAME_EXCL; False where there is no such thing."""
    at_folder = directory if directory is not None else (-2 if sys.platform == "darwin" else -100)  # AT_FDCWD
    name, flag = ("renameatx_np", 4) if sys.platform == "darwin" else ("renameat2", 1)
    try:
        _call_system(name, at_folder, os.fsencode(old), at_folder, os.fsencode(new), flag)
    except AttributeError:
        return False
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            return False
        raise
    return True


def _lock(descriptor: int) -> None:
    """Mark a part as being worked on, so that `sweep` leaves it alone. The lock ends with the process."""
    if sys.platform != "win32":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def sweep(folder: str) -> None:
    """Remove the unfinished parts that a killed run left in `folder`; those in use are left alone."""
    if sys.platform == "win32":
        return
    import fcntl

    with contextlib.suppress(OSError), os.scandir(folder or os.curdir) as entries:
        for entry in entries:
            if entry.name.startswith(PART) and entry.name.endswith(".part") and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError), open_input(entry.path) as part:
                    fcntl.flock(part.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(entry.path)


def settle(folders: Iterable[str]) -> None:
    """Make all that was written on the disks of `folders` durable: one call a disk, at the end of a run.

    Raises OSError where a disk reports that something could not be written.
    """
    done: set[int] = set()
    for folder in folders:
        device = os.stat(folder or os.curdir).st_dev
        if device not in done:
            done.add(device)
            _sync_disk(folder or os.curdir)


def _sync_disk(folder: str) -> None:
    if not sys.platform.startswith("linux"):
        if hasattr(os, "sync"):
            os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _call_system("syncfs", descriptor)
    finally:
        os.close(descriptor)


def _begin_to_settle(descriptor: int) -> None:
    """Let the disk begin with a large file now, so that `settle` has less to wait for (sync_file_range(2), Linux)."""
    if sys.platform.startswith("linux") and os.fstat(descriptor).st_size >= LARGE:
        import ctypes

        with contextlib.suppress(OSError):  # a hint, no more
            _call_system("sync_file_range", descriptor, ctypes.c_int64(0), ctypes.c_int64(0), ctypes.c_uint(2))


def _call_system(name: str, *arguments: Any) -> None:
    """A call of the C library that Python has no name for. Raises OSError as the others do."""
    import ctypes

    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
