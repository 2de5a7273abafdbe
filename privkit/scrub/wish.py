"""What the user wants of `privkit scrub`, checked before anything is done."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privkit.errors import WrongUse
from privkit.settings import Settings
from privkit.text import safe, safe_path

if TYPE_CHECKING:
    from privkit.plugin import Policy
    from privkit.scrub.job import ScrubOptions

KEEPABLE = ("orientation", "color", "date")
KEPT = {"share": ("orientation", "color"), "strict": ()}
"""What each level keeps unless the user says otherwise."""
OTHER_WORDS = {"colour": "color", "colors": "color", "colours": "color", "rotation": "orientation"}


@dataclass(frozen=True, slots=True)
class Wish:
    """The options as they were given; None or "" where they were not."""

    paths: tuple[str, ...]
    recursive: bool = False
    output: str = ""
    folder: str = ""
    name: str = ""
    rename: str | None = None
    keep: str | None = None
    level: str | None = None
    only: str | None = None
    in_place: bool = False
    yes: bool = False
    times: str = "now"
    dry_run: bool = False
    jobs: int | None = None
    verify: str = "fast"
    form: str = "text"
    plugins: tuple[str, ...] = ()

    def checked(self, settings: Settings) -> Wish:
        """The same with the user's settings filled in. Raises WrongUse for what makes no sense together."""
        self._check_destination()
        self._check_removal()
        elsewhere = self.output or self.folder or self.in_place or self.paths == ("-",)
        return replace(
            self,
            folder=self.folder or ("" if elsewhere else settings.output),
            level=self.level or settings.level,
            jobs=self.jobs or settings.jobs,
            plugins=settings.plugins,
        )

    def _check_destination(self) -> None:
        if self.output == "-":
            raise WrongUse("-o needs the name of a file", "privkit scrub - < FILE writes to standard output")
        if self.output and self.folder:
            raise WrongUse("-o names one clean file and -O a folder; only one of them makes sense")
        if self.output and (len(self.paths) != 1 or self.recursive or os.path.isdir(self.paths[0])):
            raise WrongUse("-o writes one clean file, so it takes one file", "-O DIR for several")
        if self.output:
            self._check_output()
        if self.output and (self.name or self.rename):
            raise WrongUse("-o names the clean file already; --name and --rename make no sense with it")
        if self.name and self.rename:
            raise WrongUse("--name and --rename both name the copies; only one of them makes sense")
        if self.in_place and (self.output or self.folder or self.name or self.rename):
            raise WrongUse("--in-place replaces the originals, so -o, -O, --name and --rename make no sense with it")
        if self.folder and os.path.lexists(self.folder) and not os.path.isdir(self.folder):
            raise WrongUse(f"{safe_path(self.folder)} is not a folder")
        if self.name:
            from privkit.scrub.work import check_name

            check_name(self.name)

    def _check_output(self) -> None:
        """Said before anything is done, so that no folder is made for a file that cannot be written."""
        name = safe_path(self.output)
        if os.path.isdir(self.output) or not os.path.basename(self.output):
            raise WrongUse(f"{name} is a folder, and -o names one clean file", f"-O {name} to write into that folder")
        if os.path.lexists(self.output):
            raise WrongUse(f"{name} exists already, and nothing is written over", "another name with -o")

    def _check_removal(self) -> None:
        if self.only and (self.keep is not None or self.level):
            raise WrongUse("--only takes out one thing and keeps the rest, so --keep and --level make no sense with it")
        self.kept("share")

    def check_stream(self, stdout_is_terminal: bool) -> None:
        """Raises WrongUse for what makes no sense when standard input is cleaned."""
        if self.in_place or self.folder or self.name or self.rename or self.recursive:
            raise WrongUse("'-' cleans standard input; of the options for names and folders only -o makes sense with it")
        if self.output or self.dry_run:
            return
        if stdout_is_terminal:
            raise WrongUse("the clean file would go to your terminal", "privkit scrub - > clean.jpg, or -o clean.jpg")
        if self.form != "text":
            raise WrongUse("standard output takes the clean file, so there is no place for a report", "-o FILE with it")

    def kept(self, level: str) -> frozenset[str]:
        """What is to be kept: the list of the user, else that of the level. Raises WrongUse for an unknown word."""
        if self.keep is None:
            return frozenset(KEPT[level])
        words = [word.strip().lower() for word in self.keep.split(",") if word.strip()]
        kept = {OTHER_WORDS.get(word, word) for word in words if word != "none"}
        for word in sorted(kept.difference(KEEPABLE)):
            raise WrongUse(f"--keep does not know '{safe(word, 40)}'", "--keep takes orientation, color, date, or none")
        return frozenset(kept)

    def policy(self) -> Policy:
        from privkit.plugin import Policy

        level = self.level or "share"
        if self.only == "location":
            return Policy(only_location=True)
        kept = self.kept(level)
        return Policy(
            keep_orientation="orientation" in kept,
            keep_color="color" in kept,
            keep_date="date" in kept,
            strict=level == "strict",
        )

    def scrub_options(self) -> ScrubOptions:
        from privkit.scrub.job import ScrubOptions

        return ScrubOptions(
            policy=self.policy(),
            output=self.output,
            folder=self.folder,
            name=self.name,
            rename=self.rename or "",
            times=self.times,
            in_place=self.in_place,
            dry_run=self.dry_run,
            verify=self.verify,
            plugins=self.plugins,
        )
