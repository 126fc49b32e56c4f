"""What a test begins with is put back only where nothing was done or armed before."""

import pytest

from tests.support.house import House


def test_bought_house_stands_as_a_played_one(house: House) -> None:
    purchase = house.bought("5102")

    assert purchase.status == "paid"
    assert [invoice["status"] for invoice in house.stripe("invoice")] == ["paid"]
    assert house.deal("5102")["propale_status"] == "accepted"
    assert house.carry() == 0
    assert house.calls("stripe") == []


def test_second_beginning_is_refused(house: House) -> None:
    house.bought("5102")

    with pytest.raises(AssertionError, match="not the beginning"):
        house.bought("5102")


def test_beginning_after_a_fault_was_armed_is_refused(house: House) -> None:
    house.fail("stripe", status=503)

    with pytest.raises(AssertionError, match="not the beginning"):
        house.accepted("5102")


def test_house_in_which_something_waits_is_not_kept(house: House) -> None:
    def play() -> int:
        house.sandbox.world.faults.arm(vendor="stripe", path="/v1/checkout/sessions", status=503)
        return house.accept(house.send("5102")).id

    with pytest.raises(AssertionError, match="something waits"):
        house.begin(("page refused",), play)
