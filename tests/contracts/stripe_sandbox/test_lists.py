"""Lists in pages and by filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stripe

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def test_list_comes_newest_first_in_pages(seller: Seller) -> None:
    made = [seller.customer(name=str(number)).id for number in range(5)]

    first = seller.v1.customers.list({"limit": 2})
    second = seller.v1.customers.list({"limit": 2, "starting_after": first.data[-1].id})
    back = seller.v1.customers.list({"limit": 2, "ending_before": second.data[0].id})

    assert [one.id for one in first.data] == made[:2:-1]
    assert ([one.id for one in second.data], second.has_more) == ([made[2], made[1]], True)
    assert [one.id for one in back.data] == [one.id for one in first.data]


def test_sdk_walks_all_pages(seller: Seller) -> None:
    made = {seller.customer(name=str(number)).id for number in range(12)}

    found = {one.id for one in seller.v1.customers.list({"limit": 5}).auto_paging_iter()}

    assert found == made


def test_customers_are_found_by_mail(seller: Seller) -> None:
    seller.customer(email="other@example.com")
    wanted = seller.customer(email="Jeanne@example.com")

    found = seller.v1.customers.list({"email": "Jeanne@example.com"}).data

    assert [one.id for one in found] == [wanted.id]
    assert seller.v1.customers.list({"email": "jeanne@example.com"}).data == []


@pytest.mark.parametrize("limit", [0, 101])
def test_limit_is_between_1_and_100(seller: Seller, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        seller.v1.customers.list({"limit": limit})

    assert refusal.value.param == "limit"


def test_page_after_an_unknown_id_is_refused(seller: Seller) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        seller.v1.customers.list({"starting_after": "cus_gone"})

    assert refusal.value.code == "resource_missing"


def test_products_tax_rates_and_prices_are_read_back(seller: Seller) -> None:
    product, vat = seller.product("Salle"), seller.vat(5.5)
    subscription = seller.simple_subscription()
    item = seller.v1.subscriptions.retrieve(subscription.id)["items"].data[0]

    assert seller.v1.products.retrieve(product).name == "Salle"
    assert [one.id for one in seller.v1.products.list({"ids": [product]}).data] == [product]
    assert seller.v1.tax_rates.retrieve(vat).percentage == 5.5
    assert seller.v1.tax_rates.list({"active": True}).data[0].id == vat
    assert seller.v1.prices.retrieve(item.price.id).active is False


def test_customer_is_updated_and_told(seller: Seller) -> None:
    customer = seller.customer(metadata={"a": "1", "b": "2"})

    changed = seller.v1.customers.update(
        customer.id, {"name": "Atelier Martin", "metadata": {"a": "", "c": "3"}}
    )

    assert changed.name == "Atelier Martin"
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    event = seller.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes["name"] == "Jeanne Martin"


def test_subscriptions_are_listed_by_customer_and_status(seller: Seller) -> None:
    first = seller.simple_subscription()
    seller.simple_subscription("card_declined")

    active = seller.v1.subscriptions.list({"status": "active"}).data
    hers = seller.v1.subscriptions.list({"customer": first.customer}).data

    assert [one.id for one in active] == [first.id]
    assert [one.id for one in hers] == [first.id]


def test_lists_begin_where_created_says(seller: Seller) -> None:
    seller.simple_subscription()
    seller.wait(days=3)
    seller.simple_subscription()
    calls = seller.v1
    newest = calls.subscriptions.list({"limit": 1}).data[0].created

    for kind in (calls.customers, calls.subscriptions, calls.invoices, calls.events):
        everything = {one.id for one in kind.list({"limit": 100}).data}
        found = kind.list({"limit": 100, "created": {"gte": newest - 60}}).data

        assert 0 < len(found) < len(everything)
        assert min(one.created for one in found) >= newest - 60


def test_ended_subscriptions_are_listed_with_all(seller: Seller) -> None:
    ended = seller.simple_subscription()
    seller.v1.subscriptions.cancel(ended.id)

    assert seller.v1.subscriptions.list().data == []
    assert [one.id for one in seller.v1.subscriptions.list({"status": "all"}).data] == [ended.id]


def test_page_goes_on_after_an_object_that_left_the_list(seller: Seller) -> None:
    """A subscription ends between two pages of the active ones."""
    oldest, middle, newest = (seller.simple_subscription() for _ in range(3))
    seller.v1.subscriptions.cancel(middle.id)

    after = seller.v1.subscriptions.list({"status": "active", "starting_after": middle.id})
    before = seller.v1.subscriptions.list({"status": "active", "ending_before": middle.id})

    assert [one.id for one in after.data] == [oldest.id]
    assert [one.id for one in before.data] == [newest.id]
