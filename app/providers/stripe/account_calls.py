"""The account itself: who it is, which methods it offers, our webhook endpoint on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import ProviderError
from app.methods import METHODS
from app.providers.stripe.answers import Account
from app.providers.stripe.connection import API_VERSION, Connection
from app.providers.stripe.failures import none_if_gone

_MOST_KEYS = 50


class AccountCalls(Connection):
    def retrieve_account(self) -> Account:
        """Read the account behind the key.

        https://docs.stripe.com/api/accounts/retrieve
        """
        account = self._read(self._v1.accounts.retrieve_current)
        profile = account.get("business_profile") or {}
        dashboard = (account.get("settings") or {}).get("dashboard") or {}
        return Account(
            id=account["id"],
            livemode=self._livemode,  # the key says it, the account does not
            name=profile.get("name") or dashboard.get("display_name") or "",
        )

    def list_methods(self) -> set[str]:
        """Which of card and sepa_debit the account's default configuration has switched on.

        https://docs.stripe.com/api/payment_method_configurations/list
        """
        listed = self._read(self._v1.payment_method_configurations.list, params={"limit": 100})
        configurations = [found for found in listed["data"] if found.get("active", True)]
        chosen = next((found for found in configurations if found.get("is_default")), None)
        if chosen is None:
            return set()
        return {name for name in METHODS if _is_on(chosen.get(name) or {})}

    def create_webhook_endpoint(
        self, url: str, events: Sequence[str], operation_key: str
    ) -> tuple[str, str]:
        """Make our endpoint at the pinned version; returns its id and secret, told only once.

        https://docs.stripe.com/api/webhook_endpoints/create
        """
        params = {"url": url, "enabled_events": list(events), "api_version": API_VERSION}
        endpoint = self._make_endpoint(params, operation_key)
        return endpoint["id"], endpoint["secret"]

    def _make_endpoint(self, params: Mapping[str, Any], operation_key: str) -> dict[str, Any]:
        """After an error 500 with a new key: an endpoint that exists twice does no harm.

        Stripe replays an error 500 for a day, so the same key would fail all that time.
        https://docs.stripe.com/api/idempotent_requests
        """
        create, key = self._v1.webhook_endpoints.create, operation_key
        for number in range(2, _MOST_KEYS):
            try:
                return self._write(create, params=params, operation_key=key)
            except ProviderError as failed:
                if not failed.over:
                    raise
            key = f"{operation_key}:{number}"
        return self._write(create, params=params, operation_key=key)

    def delete_webhook_endpoint(self, endpoint_id: str) -> None:
        """Remove our endpoint. One that is already gone is no error.

        https://docs.stripe.com/api/webhook_endpoints/delete
        """
        none_if_gone(lambda: self._write(self._v1.webhook_endpoints.delete, endpoint_id))


def _is_on(method: dict[str, object]) -> bool:
    preference = method.get("display_preference")
    switched = preference.get("value") if isinstance(preference, dict) else None
    return bool(method.get("available")) and switched == "on"
