"""What privkit finds and how it says so. No input or output here, and nothing of privkit is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum

Scalar = str | int | float | bool | None
Fact = Scalar | list[str]


class Level(IntEnum):
    """How much a finding matters to the person. NOTE is worth knowing; WARN and RISK are worth acting on."""

    OK = 0
    NOTE = 1
    WARN = 2
    RISK = 3


class State(Enum):
    """What became of one file or one check. UNKNOWN is never a pass."""

    DONE = "done"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FAILED = "failed"


class Topic(StrEnum):
    """The question of a person that a finding about a file answers, in the order they are shown."""

    WHERE = "where"
    CUT = "cut"
    WHO = "who"
    WHEN = "when"
    DEVICE = "device"
    HIDDEN = "hidden"
    REMAINS = "remains"


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    ERROR = 2
    NOT_ESTABLISHED = 3
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, in words for a person and in facts for a program."""

    id: str
    """Stable name, `topic.thing`, for example `where.gps`. Never changes once released."""
    level: Level
    title: str
    """A few words: `Where it was taken`."""
    detail: str = ""
    """What was found. May hold text that came out of a file: printed only through `privkit.text`."""
    advice: str = ""
    """What to do about it, or ""."""
    where: str = ""
    """The place in the file or on the machine, in the format's own terms: `EXIF GPS`."""
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    """The same for programs: `{"latitude": 38.7139, "longitude": -9.1334}`, `{"value": "4471"}`."""

    @property
    def topic(self) -> str:
        """What the finding is about: how its id begins. For a file, one of `Topic`."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one subject: a file, or a check."""

    subject: str
    state: State
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    """Why it was skipped, refused, unknown or failed: one sentence."""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def worst(self) -> Level:
        return max((finding.level for finding in self.findings), default=Level.OK)


def exit_code(states: set[State], worst: Level) -> ExitCode:
    """The exit code for these states and this worst level: an error, then findings, then what is not known."""
    if State.FAILED in states:
        return ExitCode.ERROR
    if worst >= Level.WARN:
        return ExitCode.FINDINGS
    if states & {State.REFUSED, State.UNKNOWN}:
        return ExitCode.NOT_ESTABLISHED
    return ExitCode.OK
