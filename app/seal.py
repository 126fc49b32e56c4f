"""Secrets at rest: encryption bound to a tenant and a purpose."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealError(Exception):
    """The text was not sealed for this tenant and purpose with a key we hold."""


class Sealer:
    """Seals with the first key of `ENCRYPTION_KEYS` and opens with any of them.

    A sealed text moved to another tenant or purpose does not open: each pair has keys of its own,
    derived with HKDF-SHA256 (RFC 5869).
    """

    def __init__(self, encryption_keys: str) -> None:
        self._keys = tuple(key.strip().encode() for key in encryption_keys.split(","))

    def seal(self, tenant_id: int, purpose: str, text: str) -> str:
        return _cipher(self._keys, tenant_id, purpose).encrypt(text.encode()).decode()

    def open(self, tenant_id: int, purpose: str, sealed: str) -> str:
        """Give the text back; raises `SealError`."""
        try:
            return _cipher(self._keys, tenant_id, purpose).decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealError(f"cannot open {purpose} of tenant {tenant_id}") from error

    def reseal(self, tenant_id: int, purpose: str, sealed: str) -> str:
        """The same text under the first key, unchanged where it is already; raises `SealError`."""
        try:
            _cipher(self._keys[:1], tenant_id, purpose).decrypt(sealed.encode())
        except InvalidToken:
            return self.seal(tenant_id, purpose, self.open(tenant_id, purpose, sealed))
        return sealed


@lru_cache(maxsize=1024)
def _cipher(keys: tuple[bytes, ...], tenant_id: int, purpose: str) -> MultiFernet:
    info = f"propale:{tenant_id}:{purpose}".encode()
    return MultiFernet([Fernet(_derive(key, info)) for key in keys])


def _derive(key: bytes, info: bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)
    return base64.urlsafe_b64encode(derived)
