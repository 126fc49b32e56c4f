"""Secrets in links: 256 random bits for the holder, their SHA-256 for us."""

import hashlib
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """The only form in which a token may be looked up."""
    return hashlib.sha256(token.encode()).hexdigest()
