"""How a backup that was begun comes to nothing."""


class BackupFailedError(Exception):
    """It could not be written or read to its end; the text is what the store's program said."""


class ProgramMissingError(Exception):
    """The store's program is not on the PATH; the text is its name."""
