"""The child process: limits first, then the template.

Standard input: a line of JSON (``fields``, ``lists``, ``values``), then the bytes of the .docx. Standard output: a line
of JSON, ``{"ok": true}`` and the filled document after it, or ``{"refused": code, "what": …, "place": …}``.
"""

import json
import resource
import sys

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 8


def main() -> int:
    """Answer one request."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from ledger.exporting.filler.refusal import Refused

    head, _line, data = sys.stdin.buffer.read().partition(b"\n")
    answer = sys.stdout.buffer
    try:
        from ledger.exporting.filler.documents import filled

        made = filled(data, json.loads(head))
        answer.write(b'{"ok": true}\n' + made)
    except Refused as refusal:
        said = {"refused": refusal.code, "what": refusal.what, "place": refusal.place}
        answer.write(json.dumps(said).encode() + b"\n")
    except (MemoryError, RecursionError):
        answer.write(b'{"refused": "too_large"}\n')
    answer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
