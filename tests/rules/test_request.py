"""Log lines carry the request's number and nothing personal."""

import logging

from ledger.rules.request import LineFormatter, RequestIdFilter, current_request_id


def line(message: str, error: Exception | None = None) -> str:
    record = logging.LogRecord(
        "ledger", logging.ERROR, "", 0, message, None, (type(error), error, None) if error else None
    )
    RequestIdFilter().filter(record)
    return LineFormatter("{levelname} {request_id} {message}", style="{").format(record)


def test_a_line_has_the_number_of_its_request() -> None:
    token = current_request_id.set("0f1e")
    try:
        assert line("gone") == "ERROR 0f1e gone"
    finally:
        current_request_id.reset(token)
    assert line("gone") == "ERROR - gone"


def test_numbers_are_masked() -> None:
    assert "1234567" not in line("call 13812345678 of 350626197001011234")


def test_the_row_in_a_database_error_is_left_out() -> None:
    cause = ValueError("new row violates check\nDETAIL:  Failing row contains (1, 张三,\n\n东沈下里1号).")
    error = RuntimeError("wrapped\nDETAIL:  Failing row contains (1, 李四).")
    error.__cause__ = cause
    said = line("fault", error)
    for personal in ("张三", "李四", "下里"):
        assert personal not in said
    assert "violates check" in said
    assert "The above exception was the direct cause" in said
    assert "RuntimeError: wrapped" in said
