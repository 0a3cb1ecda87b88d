"""The reading of untrusted files: a program of its own, run as ``python -m ledger.importing.reader``.

It runs in a child process with limits on memory and CPU, without Django, settings or keys, so that a hostile
workbook meets nothing worth having. It reads the file's bytes from standard input and answers with JSON lines on
standard output: for each sheet one line ``{"sheet": …}`` and lines of rows (columns of texts follow theirs, as UTF-8),
at the end ``{"end": true}``; or one line ``{"refused": code}`` with a code of ``ledger.importing.files``.
"""
