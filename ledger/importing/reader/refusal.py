"""How the child process says that it can't take a file as a whole."""


class Refused(Exception):
    """The file is refused; ``code`` is one of ``ledger.importing.files.FileError``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
