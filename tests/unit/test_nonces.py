"""What we sign into forms, while SECRET_KEY is changed."""

from __future__ import annotations

from app.settings import Settings
from app.web.nonces import is_ours, nonce
from tests.support.environ import CLOSED

OLD, NEW = "the-old-secret-key-of-the-house", "the-new-secret-key-of-the-house"


def settings(secret_key: str) -> Settings:
    return Settings.from_env({**CLOSED, "SECRET_KEY": secret_key})


def test_page_from_before_a_new_key_can_be_sent() -> None:
    made = nonce(settings(OLD), "accept", "link", 1)

    assert is_ours(made, settings(f"{NEW}, {OLD}"), "accept", "link", 1)


def test_new_pages_need_the_old_key_no_more() -> None:
    made = nonce(settings(f"{NEW},{OLD}"), "accept", "link", 1)

    assert is_ours(made, settings(NEW), "accept", "link", 1)


def test_key_that_left_signs_nothing() -> None:
    made = nonce(settings(OLD), "accept", "link", 1)

    assert not is_ours(made, settings(NEW), "accept", "link", 1)


def test_code_for_something_else_is_not_ours() -> None:
    both = settings(f"{NEW},{OLD}")
    made = nonce(both, "accept", "link", 1)

    assert not is_ours(made, both, "decline", "link", 1)
    assert not is_ours("é", both, "accept", "link", 1)
