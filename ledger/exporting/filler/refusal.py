"""Why a template is refused: a code for the sentence, the words it is about and where they stand."""


class Refused(Exception):
    """``what`` is quoted from the template, ``place`` is the text around it; both are shortened."""

    def __init__(self, code: str, what: str = "", place: str = "") -> None:
        super().__init__(code)
        self.code, self.what, self.place = code, what[:80], place[:120]
