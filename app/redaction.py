"""What must never be written: keys, tokens, links that are keys, passwords."""

import re
from collections.abc import Iterable

HIDDEN = "***"
LONGEST_STORED = 2000
_SHORTEST_SECRET = 8
_LINK = r"[\w-]{20,}"
# A redacted line of JSON is still one.
_ENDS = r"'\",}\\"
# A text without the mark has nothing for the pattern: most lines are done in a microsecond.
_RULES = tuple(
    (mark, re.compile(pattern))
    for mark, pattern in (
        # Stripe's pages open for whoever has their address.
        ("/pay/", r"(?<=/pay/)c[\w%#-]{20,}"),
        ("/i/acct_", r"(?<=/i/)acct_\w+/[\w-]+"),
        ("_live_", r"\b[a-z]{2}_live_\w+"),
        ("_test_", r"\b[rsp]k_test_\w+"),
        ("whsec_", r"whsec_\w+"),
        ("xox", r"xox[a-z](?:\.xox[a-z])?-[\w-]+"),
        ("xapp-", r"xapp-[\w-]+"),
        ("pat-", r"pat-\w+-[\w-]+"),
        ("_secret", r"(?<=_secret)_\w{10,}"),
        ("Bearer ", rf"(?<=Bearer )[^\s{_ENDS}]+"),
        ("Basic ", rf"(?<=Basic )[^\s{_ENDS}]+"),
        ("/p/", rf"(?<=/p/){_LINK}"),
        ("/r/", rf"(?<=/r/){_LINK}"),
        ("/sign-in/", rf"(?<=/sign-in/){_LINK}"),
        # As the address of a page in another address.
        ("%2", rf"(?i)(?<=%2F[pr]%2F){_LINK}"),
        ("://", rf"(?<=://)[^\s/:@{_ENDS}]*:[^\s/@{_ENDS}]+(?=@)"),
        # HubSpot's tokens have no shape of their own; their names give them away.
        ("oken", r"(?i)(?<=token)(?P<is>\\?['\"]?\s*[:=]\s*\\?['\"]?)[\w.+/=-]{12,}"),
        ("ecret", r"(?i)(?<=secret)(?P<is>\\?['\"]?\s*[:=]\s*\\?['\"]?)[\w.+/=-]{12,}"),
        ("assword", rf"(?i)(?<=password)(?P<is>\\?['\"]?\s*[:=]\s*\\?['\"]?)[^\s{_ENDS}]+"),
    )
)


def redact(text: str, ours: Iterable[str] = ()) -> str:
    """Replace whatever looks like a key or opens a door, and the secrets of `ours` as they are."""
    for secret in ours:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for mark, pattern in _RULES:
        if mark in text:
            text = pattern.sub(_hidden, text)
    return text


def storable(failure: str) -> str:
    """What may be stored of a failure's words: a vendor may repeat the very key it was given."""
    return redact(failure)[:LONGEST_STORED]


def _hidden(found: re.Match[str]) -> str:
    return found.groupdict().get("is", "") + HIDDEN


def long_enough(secrets: Iterable[str]) -> tuple[str, ...]:
    """Those that can be looked for: a short one would be found in ordinary words."""
    return tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)
