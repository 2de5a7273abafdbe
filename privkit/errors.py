"""The errors that privkit shows to people. Each says what happened and what to do; none is a traceback."""


class PrivkitError(Exception):
    """Something went wrong in a way we understand.

    message: one calm sentence, no full stop needed; hint: what to do next, or "".
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)  # both, so that it survives a trip between processes
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class Refused(PrivkitError):
    """The file is not understood well enough to be cleaned safely. Nothing was written."""


class Broken(PrivkitError):
    """The file is cut off, damaged or contradicts itself. Nothing was written."""


class WrongUse(PrivkitError):
    """The command was asked for something that makes no sense, or that is not there."""


class Unknown(PrivkitError):
    """It could not be established. Never a pass."""
