"""The workbook that goes back to its uploader: a program of its own, run as ``python -m ledger.importing.returner``.

Like the reader it meets a file of unknown origin, so it runs in a child process with limits, without Django, settings
or keys. Standard input: the length of a JSON object (8 bytes, big-endian), the object (``task.Task``), the file.
Standard output: the finished workbook; exit code 0 only when it is whole.
"""
