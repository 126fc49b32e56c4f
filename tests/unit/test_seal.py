"""Sealed secrets open for their tenant and purpose only, and survive a change of keys."""

from __future__ import annotations

import pytest

from app.seal import Sealer, SealError

OLD, NEW = "the-old-key-of-the-house-1234", "the-new-key-of-the-house-5678"


def test_sealed_text_comes_back() -> None:
    sealer = Sealer(NEW)

    sealed = sealer.seal(1, "connection.stripe", "rk_test_é青")

    assert "rk_test" not in sealed
    assert sealer.open(1, "connection.stripe", sealed) == "rk_test_é青"


@pytest.mark.parametrize(
    ("tenant", "purpose"), [(2, "connection.stripe"), (1, "connection.slack"), (11, "")]
)
def test_other_tenant_or_purpose_does_not_open(tenant: int, purpose: str) -> None:
    sealed = Sealer(NEW).seal(1, "connection.stripe", "secret")

    with pytest.raises(SealError):
        Sealer(NEW).open(tenant, purpose, sealed)


def test_tenant_and_purpose_do_not_run_together() -> None:
    sealed = Sealer(NEW).seal(1, "1:token", "secret")

    with pytest.raises(SealError):
        Sealer(NEW).open(11, "token", sealed)


def test_same_text_is_sealed_differently_each_time() -> None:
    sealer = Sealer(NEW)

    assert sealer.seal(1, "token", "secret") != sealer.seal(1, "token", "secret")


def test_new_key_in_front_still_opens_the_old() -> None:
    sealed = Sealer(OLD).seal(1, "token", "secret")

    assert Sealer(f"{NEW}, {OLD}").open(1, "token", sealed) == "secret"


def test_new_seals_need_the_new_key() -> None:
    sealed = Sealer(f"{NEW},{OLD}").seal(1, "token", "secret")

    assert Sealer(NEW).open(1, "token", sealed) == "secret"
    with pytest.raises(SealError):
        Sealer(OLD).open(1, "token", sealed)


@pytest.mark.parametrize("sealed", ["", "garbage", "gAAAAAB", "é"])
def test_garbage_does_not_open(sealed: str) -> None:
    with pytest.raises(SealError):
        Sealer(NEW).open(1, "token", sealed)


def test_changed_text_does_not_open() -> None:
    sealed = Sealer(NEW).seal(1, "token", "secret")
    changed = sealed[:-3] + ("AAA" if not sealed.endswith("AAA") else "BBB")

    with pytest.raises(SealError):
        Sealer(NEW).open(1, "token", changed)


def test_error_names_neither_key_nor_text() -> None:
    with pytest.raises(SealError) as caught:
        Sealer(NEW).open(7, "connection.stripe", Sealer(OLD).seal(7, "connection.stripe", "word"))

    assert str(caught.value) == "cannot open connection.stripe of tenant 7"
