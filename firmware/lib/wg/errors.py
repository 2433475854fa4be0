"""Errors that a user or our own code caused; what strangers cause is a counted drop instead."""


class WgError(Exception):
    """Any error of this package."""


class ConfigError(WgError):
    """Something that a user wrote cannot be used.

    what: the thing and its value; why: what is wrong with it; mend: a sentence on what to do.
    file, line: where it was written, if anywhere.
    """

    def __init__(
        self,
        what: str,
        why: str,
        mend: str,
        file: "str | None" = None,
        line: "int | None" = None,
    ) -> None:
        super().__init__(what, why, mend)
        self.what = what
        self.why = why
        self.mend = mend
        self.file = file
        self.line = line

    def at(self, file: "str | None", line: "int | None" = None) -> "ConfigError":
        """This error, with the place where the value was written."""
        self.file = file
        self.line = line
        return self

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = self.file + ": "
            if self.line is not None:
                place = "%s:%d: " % (self.file, self.line)
        return "%s%s: %s. %s" % (place, self.what, self.why, self.mend)
