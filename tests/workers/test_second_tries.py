"""Second tries of a payment: another method, the same page again, news that comes late or twice."""

from datetime import timedelta
from typing import Any

import pytest

from app.clock import wall_now
from app.errors import ConflictError
from app.models import Purchase, Step
from app.web.standing import HASTY_RELOADS
from sandbox.stripe import payment_methods
from sandbox.stripe.collecting import NOT_CONFIRMED, collect, fail
from sandbox.stripe.invoices import intent_of
from sandbox.stripe.keys import grant
from tests.support.house import House

KINDS = ("customer", "subscription", "invoice", "payment_intent")


def made(house: House) -> list[int]:
    return [len(house.stripe(kind)) for kind in KINDS]


def choose(house: House, purchase: Purchase, method: str, choice: str) -> Purchase:
    """Another method, entered on its page."""
    house.ask_again(purchase, method)
    house.enter(purchase, choice)
    house.settle()
    return house.purchase(purchase.id)


def steps(house: House) -> dict[str, list[str]]:
    """Operation keys by the step's name."""
    found: dict[str, list[str]] = {}
    for step in house.read(lambda session: session.query(Step).all()):
        found.setdefault(step.name, []).append(step.operation_key)
    return found


def charges(house: House) -> list[str]:
    return [charge["status"] for charge in house.stripe("charge")]


def ignored(house: House) -> list[str]:
    return [m.last_error for m in house.messages("stripe.start_billing", "ignored")]


@pytest.mark.parametrize(
    ("deal", "method", "choice", "status"),
    [
        ("5101", "sepa_debit", "sepa_ok", "pending"),
        ("5102", "card", "card_ok", "paid"),
        pytest.param("5101", "card", "card_ok", "paid", marks=pytest.mark.long),
        pytest.param("5102", "sepa_debit", "sepa_ok", "pending", marks=pytest.mark.long),
    ],
)
def test_new_method_pays_the_unpaid_invoice_and_makes_nothing(
    house: House, deal: str, method: str, choice: str, status: str
) -> None:
    purchase = house.bought(deal, "card_declined")
    before = made(house)
    known = steps(house)

    again = choose(house, purchase, method, choice)

    new = house.stripe("payment_method")[-1]["id"]
    pay = steps(house)[f"pay:{new}"]
    assert again.status == status
    assert made(house) == before
    assert again.stripe_invoice_id == purchase.stripe_invoice_id
    assert again.stripe_payment_method_id == new
    assert pay == [f"purchase:{purchase.id}:1:pay:{new}:1"]
    assert all(pay[0] not in keys for keys in known.values())
    if deal == "5101":
        assert house.stripe("subscription")[0]["default_payment_method"] == new


def test_incomplete_expired_begins_a_generation_with_new_keys(house: House) -> None:
    purchase = house.bought("5101", "card_declined")
    first = steps(house)["subscription"]
    house.pass_time(hours=24)
    lapsed = house.purchase(purchase.id)
    house.forget_calls()

    again = choose(house, purchase, "card", "card_ok")

    both = steps(house)["subscription"]
    assert (lapsed.status, lapsed.generation) == ("failed", 1)
    assert (again.status, again.generation) == ("paid", 2)
    assert both == [*first, f"purchase:{purchase.id}:2:subscription:1"]
    assert house.stripe("subscription")[1]["metadata"]["propale_generation"] == "2"


def test_generation_that_is_paid_after_all_is_not_begun_anew(house: House) -> None:
    """The subscription is gone by its id; its invoice is paid, which nobody told us."""
    purchase = house.bought("5101", "card_declined")
    house.hears = False
    pay_on_hosted_page(house, "card_ok")
    with house.sandbox.world.store.lock:
        house.books().table("subscription").pop(purchase.stripe_subscription_id or "")

    house.pay_again(purchase)

    again = house.purchase(purchase.id)
    assert (again.status, again.generation) == ("paid", 1)
    assert charges(house) == ["failed", "succeeded"]


def pay_on_hosted_page(house: House, choice: str) -> str:
    """She enters another method on Stripe's own page of the newest invoice; its id."""
    books = house.books()
    with house.sandbox.world.store.lock:
        invoice = house.books().get("invoice", house.stripe("invoice")[-1]["id"])
        method = payment_methods.attach(books, choice, invoice["customer"])
        collect(books, invoice, method["id"], off_session=False)
    return str(method["id"])


@pytest.mark.parametrize("deal", ["5101", pytest.param("5102", marks=pytest.mark.long)])
def test_pending_debit_offers_no_second_method(house: House, deal: str) -> None:
    purchase = house.bought(deal, "sepa_ok", "sepa_debit")
    before = len(house.stripe("checkout.session"))

    with pytest.raises(ConflictError):
        house.ask_again(purchase, "card")

    assert purchase.status == "pending"
    assert len(house.stripe("checkout.session")) == before


def test_open_page_is_handed_out_again_for_the_same_method(house: House) -> None:
    purchase = house.accepted("5101")

    again = house.ask_again(purchase, "card")

    assert again.stripe_page_url == purchase.stripe_page_url
    assert [page["status"] for page in house.stripe("checkout.session")] == ["open"]


def test_open_page_expires_before_one_for_another_method_opens(house: House) -> None:
    purchase = house.accepted("5101")
    house.forget_calls()

    house.ask_again(purchase, "sepa_debit")

    calls = [call for call in house.calls("stripe") if call.startswith("POST")]
    page = f"/v1/checkout/sessions/{purchase.stripe_session_id}/expire"
    assert [call.endswith((page, "/v1/checkout/sessions")) for call in calls] == [True, True]
    assert calls[0].endswith(page)
    assert [p["status"] for p in house.stripe("checkout.session")] == ["expired", "open"]


def complete_both(house: House, deal: str, second: str = "sepa_debit") -> Purchase:
    """Two tabs: the first page is entered while a second one opens, and that is entered too."""
    purchase = house.accepted(deal)
    house.hears = False
    house.enter(purchase)
    house.ask_again(purchase, second)
    house.enter(purchase, "sepa_ok" if second == "sepa_debit" else "card_ok")
    house.hears = True
    house.settle()
    return house.purchase(purchase.id)


@pytest.mark.parametrize("deal", ["5101", pytest.param("5102", marks=pytest.mark.long)])
def test_two_paid_pages_in_two_tabs_end_in_one_charge(house: House, deal: str) -> None:
    purchase = complete_both(house, deal)

    counts = [len(house.stripe(kind)) for kind in ("subscription", "invoice", "charge")]
    assert purchase.status == "paid"
    assert [page["status"] for page in house.stripe("checkout.session")] == ["complete"] * 2
    assert counts == [1 if deal == "5101" else 0, 1, 1]
    assert ignored(house) == ["entered when the payment was paid: it is charged nothing"]


def test_setup_after_the_money_ran_is_recorded_and_left_alone(house: House) -> None:
    purchase = house.accepted("5101", "sepa_debit")
    house.hears = False
    late = house.purchase(purchase.id).stripe_session_id or ""
    house.enter(purchase, "sepa_ok")
    house.pay_again(purchase)
    paid = house.stripe("subscription")[0]["default_payment_method"]

    house.hears = True
    house.settle()
    house.pass_time(days=40)

    assert late != house.purchase(purchase.id).stripe_session_id
    assert ignored(house) == ["entered when the payment was paid: it is charged nothing"]
    assert house.stripe("subscription")[0]["default_payment_method"] == paid
    assert {charge["payment_method"] for charge in house.stripe("charge")} == {paid}


def test_setup_that_came_too_late_stays_uncharged_at_a_failure(house: House) -> None:
    purchase = house.accepted("5101")
    house.hears = False
    house.enter(purchase)
    house.pay_again(purchase, "sepa_debit", "sepa_bounces")
    assert house.purchase(purchase.id).status == "pending"

    house.hears = True
    house.settle()
    house.pass_time(days=6)
    house.come_back(purchase)
    house.settle()

    assert house.purchase(purchase.id).status == "failed"
    assert charges(house) == ["failed"]


@pytest.mark.parametrize("kind", ["invoice.payment_failed", "customer.subscription.updated"])
def test_late_failure_after_success_changes_nothing(house: House, kind: str) -> None:
    purchase = house.bought("5101", "card_declined")
    choose(house, purchase, "card", "card_ok")
    mails, posts = len(house.mails()), len(house.posts())
    old = next(event for event in house.events() if event["type"] == kind)

    house.post_event({**old, "id": "evt_late"})
    house.settle()

    assert house.purchase(purchase.id).status == "paid"
    assert (len(house.mails()), len(house.posts())) == (mails, posts)


@pytest.mark.parametrize("order", [1, -1])
def test_lapsed_confirmation_ends_the_same_in_either_order(house: House, order: int) -> None:
    purchase = house.bought("5101", "card_3ds_at_charge")
    asked = purchase.status
    house.hears = False
    house.pass_time(hours=24)
    told = [e for e in house.events() if e["id"] not in house._carried]

    for event in told[::order]:
        house.post_event(event)
        house.drain.run()

    lapsed = house.purchase(purchase.id)
    assert asked == "action_needed"
    assert len(told) >= 2
    assert (lapsed.status, lapsed.generation, lapsed.hosted_invoice_url) == ("failed", 1, "")


@pytest.mark.parametrize("deal", ["5101", "5102"])
def test_other_card_on_stripes_own_invoice_page_is_followed(house: House, deal: str) -> None:
    purchase = house.bought(deal, "card_declined")

    method = pay_on_hosted_page(house, "card_ok")
    house.settle()

    followed = house.purchase(purchase.id)
    assert followed.status == "paid"
    assert followed.stripe_payment_method_id == method


@pytest.mark.parametrize(
    ("deal", "may_read", "kind"),
    [
        ("5101", True, "card"),
        ("5102", False, "sepa_debit"),
        pytest.param("5101", False, "sepa_debit", marks=pytest.mark.long),
        pytest.param("5102", True, "card", marks=pytest.mark.long),
    ],
)
def test_other_kind_on_stripes_own_invoice_page_is_followed(
    house: House, deal: str, *, may_read: bool, kind: str
) -> None:
    """A key that may not read payment methods leaves only the kind unknown."""
    purchase = house.bought(deal, "sepa_bounces", "sepa_debit")
    house.pass_time(days=6)
    if not may_read:
        held = ["invoice_write", "subscription_write", "payment_intent_read"]
        grant(house.sandbox.world, house.account.stripe_key, house.account.stripe, held)

    pay_on_hosted_page(house, "card_ok")
    house.settle()

    paid = house.purchase(purchase.id)
    assert (paid.status, paid.method) == ("paid", kind)
    assert house.open_errors() == []


def test_other_default_of_the_subscription_is_followed(house: House) -> None:
    purchase = house.bought("5101")
    books = house.books()
    with house.sandbox.world.store.lock:
        from sandbox.stripe.subscriptions import update  # noqa: PLC0415

        method = payment_methods.attach(books, "sepa_ok", purchase.stripe_customer_id)
        key = purchase.stripe_subscription_id
        update(books, {"default_payment_method": method["id"]}, key or "")
    house.settle()

    followed = house.purchase(purchase.id)
    assert (followed.stripe_payment_method_id, followed.method) == (method["id"], "sepa_debit")


def grow_old(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for step in session.query(Step):
            step.begun_at -= timedelta(hours=1)


@pytest.mark.parametrize(
    ("method", "choice", "status"),
    [("card", "card_declined", "failed"), ("sepa_debit", "sepa_ok", "pending")],
)
def test_old_unanswered_charge_is_read_and_not_tried_again(
    house: House, method: str, choice: str, status: str
) -> None:
    purchase = house.accepted("5102", method)
    house.hears = False
    house.fail("stripe", method="POST", path="/v1/invoices/*/pay", cut="after")
    house.enter(purchase, choice)
    house.come_back(purchase)
    house.settle()
    grow_old(house)

    house.retry()

    assert house.purchase(purchase.id).status == status
    assert len(house.stripe("charge")) == 1
    assert house.open_errors() == []


def refuse_at_the_bank(house: House) -> None:
    """She says no on her bank's page."""
    books = house.books()
    with house.sandbox.world.store.lock:
        invoice: dict[str, Any] = books.get("invoice", house.stripe("invoice")[0]["id"])
        intent = intent_of(books, invoice)
        assert intent is not None
        method = books.get("payment_method", intent["payment_method"])
        fail(books, invoice, intent, method, NOT_CONFIRMED)


def test_confirmation_refused_at_the_bank_fails_with_a_way_on(house: House) -> None:
    purchase = house.accepted("5101")
    house.enter(purchase, "card_3ds_at_charge")
    house.come_back(purchase)
    house.settle()
    refuse_at_the_bank(house)
    house.settle()

    refused = house.purchase(purchase.id).status
    again = choose(house, purchase, "card", "card_ok")

    assert (refused, again.status) == ("failed", "paid")


def test_page_completed_twice_is_one_setup(house: House) -> None:
    purchase = house.accepted("5101")
    house.enter(purchase)
    event = house.events()[-1]

    for number in range(3):
        house.post_event({**event, "id": f"evt_{number}"})
    house.settle()

    assert charges(house) == ["succeeded"]
    assert ignored(house) == []


def path_of(house: House, purchase: Purchase) -> str:
    sealed, sealer = purchase.sealed_return_token, house.runtime.sealer
    return f"/r/{sealer.open(house.tenant_id, 'return_token', sealed)}"


def test_our_link_leads_to_an_address_read_at_the_click(house: House) -> None:
    purchase = house.bought("5101", "card_3ds_at_charge")
    days_later(house, purchase)
    fresh = "https://invoice.stripe.test/i/fresh"
    with house.sandbox.world.store.lock:
        books = house.books()
        books.save(
            {**books.get("invoice", purchase.newest_invoice_id), "hosted_invoice_url": fresh}
        )
    house.forget_calls()

    browser, page = house.app.test_client(), f"{path_of(house, purchase)}/invoice"
    answer = house.work_meanwhile(lambda: browser.get(page))

    reads = [call for call in house.calls("stripe") if purchase.newest_invoice_id in call]
    assert (answer.status_code, answer.location) == (303, fresh)
    assert len(reads) == 1


def days_later(house: House, purchase: Purchase) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Purchase, purchase.id).invoice_read_at = wall_now() - timedelta(days=9)


def test_address_that_takes_long_to_read_reloads_and_asks_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.onward.PATIENCE_SECONDS", 0.1)
    purchase = house.bought("5101", "card_3ds_at_charge")
    days_later(house, purchase)
    path, client = f"{path_of(house, purchase)}/invoice", house.app.test_client()

    slow = [client.get(path), client.get(f"{path}?read=1")]
    house.drain.run()
    at_last = client.get(f"{path}?read=2")

    assert [page.status_code for page in slow] == [200, 200]
    assert slow[0].headers["Refresh"].endswith(f"{path}?read=1")
    assert len(house.messages("stripe.read_invoice")) == 1
    assert at_last.location == house.purchase(purchase.id).hosted_invoice_url


def test_address_that_cannot_be_read_ends_and_tells_of_no_money(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.onward.PATIENCE_SECONDS", 0.1)
    purchase = house.bought("5101")
    days_later(house, purchase)
    house.fail("stripe", method="GET", path="/v1/invoices/*", status=503, times=99)
    path, client = f"{path_of(house, purchase)}/invoice", house.app.test_client()

    moment = client.get(path)
    known = client.get(f"{path}?read={HASTY_RELOADS + 1}")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Purchase, purchase.id).hosted_invoice_url = ""
    last = client.get(f"{path}?read={HASTY_RELOADS + 1}")

    assert known.location == house.stripe("invoice")[-1]["hosted_invoice_url"]
    for page, words in ((moment, "demandée à Stripe"), (last, "Réessayez dans quelques minutes")):
        assert words in page.text
        assert "rien n’a été prélevé" not in page.text
    assert "Refresh" not in last.headers


def test_address_of_an_invoice_that_is_gone_leads_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.onward.PATIENCE_SECONDS", 0.1)
    purchase = house.bought("5102", "card_3ds_at_charge")
    days_later(house, purchase)
    with house.sandbox.world.store.lock:
        house.books().table("invoice").pop(purchase.newest_invoice_id)
    path, client = path_of(house, purchase), house.app.test_client()

    client.get(f"{path}/invoice")
    house.drain.run()

    assert client.get(f"{path}/invoice").location == path
    assert house.open_errors() == []
