"""How numbers are printed: 康美〔2026〕17号 for a matter (terms.md 1), 康美交〔2026〕3号 for its covering document."""


def printed_number(number: str, year: int, serial: int | None) -> str:
    """The ledger number as papers print it; an imported one as it came."""
    return number if serial is None else f"{number.partition('-')[0]}〔{year}〕{serial}号"


def covering_number(short_name: str, year: int, serial: int) -> str:
    """The number of a covering document; one series for 交办 and 转办, without gaps."""
    return f"{short_name}交〔{year}〕{serial}号"
