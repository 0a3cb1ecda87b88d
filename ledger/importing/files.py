"""When a file as a whole can't be imported: the codes of the contract, each with a sentence that says what to do."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FileError(StrEnum):
    """Why nothing of a file was imported."""

    NO_DATA_ROWS = "no_data_rows"
    NO_HEADER = "no_header"
    MISSING_REQUIRED_COLUMN = "missing_required_column"
    CORRUPT_FILE = "corrupt_file"
    PASSWORD_PROTECTED = "password_protected"  # noqa: S105  # a code of the contract, no secret
    WRONG_TYPE = "wrong_type"
    TOO_LARGE_UNCOMPRESSED = "too_large_uncompressed"
    FORBIDDEN_XML_ENTITIES = "forbidden_xml_entities"
    ENCODING_UNREADABLE = "encoding_unreadable"
    EMPTY_FILE = "empty_file"


SENTENCES: dict[str, Promise | str] = {
    FileError.NO_DATA_ROWS: _(
        "The file has headings but no rows below them. Fill in the households and send it again."
    ),
    FileError.NO_HEADER: _(
        "No row of headings was found. The roster needs one row that names its columns, such as 村, 户主姓名, 身份证号."
    ),
    FileError.MISSING_REQUIRED_COLUMN: _("The roster lacks a column that every household needs: village or head."),
    FileError.CORRUPT_FILE: _(
        "The file is damaged or was not copied completely. Open it in Excel or WPS, save it again as .xlsx and "
        "send that."
    ),
    FileError.PASSWORD_PROTECTED: _(
        "The file is protected by a password. Remove the password in Excel or WPS, save it and send it again."
    ),
    FileError.WRONG_TYPE: _(
        "This is not a workbook but another kind of file, whatever its name says. Send .xlsx, .xls, .ods or .csv."
    ),
    FileError.TOO_LARGE_UNCOMPRESSED: _(
        "The file is too large once unpacked. Copy the roster alone into a new workbook, or send it village by village."
    ),
    FileError.FORBIDDEN_XML_ENTITIES: _(
        "The file holds declarations that no office program writes, so it was not opened. Save it again as .xlsx."
    ),
    FileError.ENCODING_UNREADABLE: _(
        "The characters of this text file can't be read without loss. Open it in Excel or WPS and save it as .xlsx."
    ),
    FileError.EMPTY_FILE: _("The file is empty. Check that you chose the right one."),
}


class FileRefused(Exception):
    """Nothing of this file is imported. ``code`` is a FileError, ``message`` a sentence in the reader's language."""

    def __init__(self, code: str, message: Promise | str = "") -> None:
        super().__init__(code)
        self.code = FileError(code)
        self.message = message or SENTENCES[self.code]
