"""Back from Stripe: the page on which the customer waits for the result."""

from flask import redirect
from werkzeug.wrappers import Response

from app.billing.ladder import METHOD_OPEN, MoneyStatus
from app.billing.purchases import being_read, see_waiting
from app.models import Purchase
from app.web.auth import open_to
from app.web.looked import not_for_a_look
from app.web.onward import SEE_OTHER
from app.web.pages import (
    accepted_page,
    invoice_page,
    missing_page,
    pay_again,
    reloads_of,
    standing_page,
)
from app.web.runtime import runtime
from app.web.standing import recording
from app.web.visit import Visit, find_return


@open_to("holder of the return link")
@not_for_a_look
def show_return(token: str) -> Response:
    """The status of the money; with `done`, Stripe's page was completed and its result awaited."""
    visit = find_return(runtime(), token)
    if visit is None or visit.purchase is None:
        return missing_page()
    reloads = reloads_of("done")
    return _result_page(visit, visit.purchase, reloads) if reloads else _status_page(visit)


@open_to("holder of the return link")
def pay_from_return(token: str) -> Response:
    """Another method, or the same one again, chosen on the return page."""
    visit = find_return(runtime(), token)
    return pay_again(visit) if visit else missing_page()


@open_to("holder of the return link")
@not_for_a_look
def show_invoice_from_return(token: str) -> Response:
    """To Stripe's page of the newest invoice."""
    visit = find_return(runtime(), token)
    return invoice_page(visit) if visit else missing_page()


def _status_page(visit: Visit) -> Response:
    return accepted_page(visit, visit.purchase) if visit.purchase else missing_page()


def _result_page(visit: Visit, purchase: Purchase, reloads: int) -> Response:
    """Wait while the result is open; straight on to the bank's page if it asks for the customer."""
    with runtime().database.writing(purchase.tenant_id) as session:
        purchase = session.get_one(Purchase, purchase.id)
        see_waiting(session, purchase)
        session.flush()
        still_open = being_read(session, purchase)
    method_open = purchase.status in METHOD_OPEN and not still_open
    if still_open or purchase.status == MoneyStatus.AWAITING_METHOD:
        return standing_page(visit, recording(visit, reloads, method_open=method_open))
    if purchase.status == MoneyStatus.ACTION_NEEDED and purchase.hosted_invoice_url:
        return redirect(f"{visit.at}/invoice", SEE_OTHER)
    return accepted_page(visit, purchase)
