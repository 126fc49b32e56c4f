"""What counts as an e-mail address, whoever gave it: the CRM or the seller.

Only what every mail server takes (RFC 5321), for one address that our own mails cannot carry, in
the preferences, would stop them all.
"""

import re

_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?!-)[A-Za-z0-9-]+(?<!-)"
_ADDRESS = re.compile(rf"{_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+(?!-)[A-Za-z0-9-]{{2,}}(?<!-)")


def is_address(text: str) -> bool:
    """One address and nothing beside it."""
    # An encoded word (RFC 2047) is another address once decoded: no mail of ours takes it.
    return _ADDRESS.fullmatch(text) is not None and "=?" not in text
