"""What counts as an e-mail address, whoever gave it: the CRM or the seller."""

import re

_PART = r"[^@\s<>,;:\"()\[\]\\]+"
_LAST = r"[^@\s.<>,;:\"()\[\]\\]{2,}"
_ADDRESS = re.compile(rf"{_PART}@{_PART}\.{_LAST}")


def is_address(text: str) -> bool:
    """One address and nothing beside it."""
    return _ADDRESS.fullmatch(text) is not None
