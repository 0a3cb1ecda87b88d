"""The child process: limits first, then the file."""

import gc
import os
import resource
import sys
from collections.abc import Iterable

from ledger.importing.reader.refusal import Refused
from ledger.importing.reader.sheets import RawSheet, lines_of

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 8


def main() -> int:
    """Read standard input, answer on standard output.

    ``slow`` as an argument asks for openpyxl, ``probe`` only for whether the file is one that can be read.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # a short life full of lists: collecting them costs more than it frees
    answer = sys.stdout.buffer
    try:
        for line in lines_of(sheets_of(sys.stdin.buffer.read(), sys.argv[1:])):
            answer.write(line)
    except Refused as refusal:
        answer.write(b'{"refused":"%s"}\n' % refusal.code.encode())
    except (MemoryError, RecursionError):
        answer.write(b'{"refused":"too_large_uncompressed"}\n')
    answer.flush()
    return 0


def sheets_of(data: bytes, words: list[str]) -> Iterable[RawSheet]:
    """The sheets, by the reader of the file's kind: no other is loaded, a start costs as much as a small file."""
    from ledger.importing.reader.kinds import kind_of

    kind = kind_of(data)
    if "probe" in words:
        return []
    if kind == "text":
        from ledger.importing.reader.texts import text_sheet

        return [text_sheet(data)]
    if kind == "html":
        from ledger.importing.reader.html_tables import html_sheets

        return html_sheets(data)
    if kind == "spreadsheetml":
        from ledger.importing.reader.spreadsheetml import spreadsheetml_sheets

        return spreadsheetml_sheets(data)
    from ledger.importing.reader import workbooks

    if "slow" in words and kind == "xlsx":
        return workbooks.workbook_sheets_slowly(data)
    return workbooks.workbook_sheets(data, kind)


if __name__ == "__main__":
    code = main()
    os._exit(code)  # the answer is out: the system takes back the memory of all cells at once
