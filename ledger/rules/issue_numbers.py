"""How numbers are printed: 康美〔2026〕17号 for a matter (terms.md 1), 康美交〔2026〕3号 for its covering document."""


def printed_number(number: str, year: int, serial: int | None) -> str:
    """The ledger number as papers print it; an imported one as it came."""
    return number if serial is None else f"{number.partition('-')[0]}〔{year}〕{serial}号"
