"""What receivers of mail look up about its sender: SPF, DKIM and DMARC."""

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

SECONDS = 3.0


class SilentDnsError(Exception):
    """DNS gave no answer at all."""


def system_resolver() -> Resolver:
    """The resolver of this machine; raises `SilentDnsError` where none is configured."""
    try:
        resolver = Resolver()
    except DNSException as error:
        raise SilentDnsError(str(error)) from error
    resolver.lifetime = SECONDS
    return resolver


def spf_records(resolver: Resolver, domain: str) -> list[str]:
    """The domain's SPF records; receivers accept exactly one.

    https://www.rfc-editor.org/rfc/rfc7208#section-4.5
    """
    return [text for text in _texts(resolver, domain) if text.lower().startswith("v=spf1")]


def has_dkim_keys(resolver: Resolver, domain: str) -> bool:
    """Whether any key lies below `_domainkey`, whose names only the signer knows.

    A name without records of its own exists where another one lies below it.
    https://www.rfc-editor.org/rfc/rfc8020#section-2
    """
    try:
        _texts(resolver, f"_domainkey.{domain}", missing_is_error=True)
    except NXDOMAIN:
        return False
    return True


def dmarc_record(resolver: Resolver, domain: str) -> str:
    """The policy of the domain or of the nearest one above it, "" for none.

    https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3
    """
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        texts = _texts(resolver, f"_dmarc.{'.'.join(labels[start:])}")
        if found := [text for text in texts if text.lower().startswith("v=dmarc1")]:
            return found[0]
    return ""


def _texts(resolver: Resolver, name: str, *, missing_is_error: bool = False) -> list[str]:
    try:
        answer = resolver.resolve(name, "TXT")
    except NoAnswer:
        return []
    except NXDOMAIN:
        if missing_is_error:
            raise
        return []
    except (DNSException, OSError) as error:
        raise SilentDnsError(str(error)) from error
    return [b"".join(row.strings).decode(errors="replace") for row in answer]
