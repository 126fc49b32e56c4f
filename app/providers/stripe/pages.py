"""Where a seller looks at an object of hers in Stripe's dashboard."""

_FOLDERS = {"cus": "customers", "sub": "subscriptions", "in": "invoices"}


def dashboard_page(app_base: str, object_id: str, *, livemode: bool) -> str:
    """The page of a customer, subscription or invoice; "" for what has none.

    https://docs.stripe.com/dashboard/basics: test mode's pages stand under `/test`.
    """
    folder = _FOLDERS.get(object_id.partition("_")[0])
    return f"{_mode(app_base, livemode)}/{folder}/{object_id}" if folder else ""


def keys_page(app_base: str, *, livemode: bool) -> str:
    """The page of the API keys (https://docs.stripe.com/keys)."""
    return f"{_mode(app_base, livemode)}/apikeys"


def _mode(app_base: str, livemode: bool) -> str:
    return app_base if livemode else f"{app_base}/test"
