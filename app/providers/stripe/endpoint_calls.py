"""Our webhook endpoint on the account."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import ProviderError
from app.providers.stripe.answers import Endpoint
from app.providers.stripe.connection import API_VERSION, Connection
from app.providers.stripe.failures import none_if_gone

_MOST_KEYS = 50


class EndpointCalls(Connection):
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

    def list_webhook_endpoints(self) -> list[Endpoint]:
        """Every endpoint of the account; Stripe allows 16.

        https://docs.stripe.com/api/webhook_endpoints/list
        """
        listed = self._read(self._v1.webhook_endpoints.list, params={"limit": 100})["data"]
        return [_endpoint(found) for found in listed]

    def enable_webhook_endpoint(self, endpoint_id: str, events: Sequence[str]) -> None:
        """Have an endpoint sent these events, whether it was disabled or not.

        https://docs.stripe.com/api/webhook_endpoints/update
        """
        params = {"enabled_events": list(events), "disabled": False}
        self._write(self._v1.webhook_endpoints.update, endpoint_id, params=params)

    def delete_webhook_endpoint(self, endpoint_id: str) -> None:
        """Remove our endpoint. One that is already gone is no error.

        https://docs.stripe.com/api/webhook_endpoints/delete
        """
        none_if_gone(lambda: self._write(self._v1.webhook_endpoints.delete, endpoint_id))


def _endpoint(found: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        id=found["id"],
        url=found["url"],
        enabled=found["status"] == "enabled",
        current=found.get("api_version") == API_VERSION,
        events=frozenset(found["enabled_events"]),
    )
