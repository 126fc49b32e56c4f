"""shapes.json is what the installed package says, and each closed list of values is enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.stripe import calls, make_shapes
from sandbox.stripe.played import OPERATIONS
from sandbox.stripe.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import Server
    from tests.contracts.stripe_sandbox.seller import Seller

_KEY = {"Authorization": "Bearer rk_test_sandbox0001"}
_WORDS = {"string": "x", "integer": "1", "number": "1", "decimal": "1", "boolean": "true"}


def test_shapes_are_those_of_the_installed_package() -> None:
    assert make_shapes.FILE.read_text(encoding="utf-8") == make_shapes.text()


def test_every_operation_is_played() -> None:
    assert calls.registered() == {f"{method} {path}" for method, path in OPERATIONS}


def enums(shape: Any, where: str) -> Iterator[str]:
    """The form names of every closed list of values below a shape."""
    if isinstance(shape, str):
        return
    kind, inner = next(iter(shape.items()))
    if kind == "enum":
        yield where
    elif kind == "hash":
        for name, item in inner["params"].items():
            yield from enums(item, f"{where}[{name}]" if where else name)
    elif kind == "any_of":
        for alternative in inner:
            yield from enums(alternative, where)
    elif kind == "list":
        yield from enums(inner, f"{where}[0]")
    elif kind == "map":
        yield from enums(inner, f"{where}[key]")


def least(shape: Any, where: str) -> Iterator[tuple[str, str]]:
    """The fewest values that satisfy a shape, as form fields."""
    if isinstance(shape, str):
        yield where, _WORDS.get(shape, "")
        return
    kind, inner = next(iter(shape.items()))
    if kind == "enum":
        yield where, SHAPES["enums"][inner][-1]
    elif kind == "hash":
        for name in inner["required"]:
            yield from least(inner["params"][name], f"{where}[{name}]" if where else name)
    elif kind == "any_of":
        yield from least(inner[0], where)
    elif kind == "list":
        found = dict(least(inner, f"{where}[0]")) or _anything(inner, f"{where}[0]")
        yield from found.items()


def _anything(shape: Any, where: str) -> dict[str, str]:
    """One value for a hash that requires none, so that its list is there at all."""
    names = shape["hash"]["params"].items()
    return next({f"{where}[{name}]": "x"} for name, item in names if item == "string")


def around(shape: Any, target: str, where: str = "") -> Iterator[tuple[str, str]]:
    """What must be given beside `target` so that nothing else is amiss."""
    if isinstance(shape, str):
        return
    kind, inner = next(iter(shape.items()))
    if kind == "hash":
        for name, item in inner["params"].items():
            place = f"{where}[{name}]" if where else name
            if target == place or target.startswith(f"{place}["):
                yield from around(item, target, place)
            elif name in inner["required"]:
                yield from least(item, place)
    elif kind in {"list", "map"}:
        yield from around(inner, target, f"{where}[{'0' if kind == 'list' else 'key'}]")
    elif kind == "any_of":
        for alternative in inner:
            if target in set(enums(alternative, where)):
                yield from around(alternative, target, where)


@pytest.mark.parametrize("operation", SHAPES["requests"])
def test_value_outside_a_closed_list_is_refused(running: Server, operation: str) -> None:
    method, template = operation.split(" ")
    shape = {"hash": SHAPES["requests"][operation]}
    url = running.world.settings.stripe_api_base + template.replace("{", "").replace("}", "")

    for target in dict.fromkeys(enums(shape, "")):
        form = {**dict(around(shape, target)), target: "no-such-value"}
        place: Any = {"data" if method == "POST" else "params": form}
        answer = requests.request(method, url, headers=_KEY, timeout=5, **place)
        assert (answer.status_code, answer.json()["error"].get("param")) == (400, target)


def test_what_does_not_apply_is_absent_and_never_null(seller: Seller) -> None:
    subscription = seller.simple_subscription()
    invoice = seller.v1.invoices.retrieve(subscription.latest_invoice.id).to_dict()
    intent = seller.intent_of(invoice["id"]).to_dict()
    payment = seller.v1.invoice_payments.list({"invoice": invoice["id"]}).data[0].to_dict()
    session = seller.session(str(subscription.customer)).to_dict()

    assert not {"business_name", "tax"} & set(seller.customer().to_dict())
    assert not {"payments", "confirmation_secret", "threshold_reason"} & set(invoice)
    assert not {"amount_details", "presentment_details", "source"} & set(intent)
    assert not {"return_url", "tax_id_collection", "line_items"} & set(session)
    assert set(payment["payment"]) == {"type", "payment_intent"}
    assert set(invoice["issuer"]) == {"type"}
