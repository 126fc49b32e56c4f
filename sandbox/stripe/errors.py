"""Stripe's errors: one exception that carries the status and the JSON Stripe answers with.

Shape and codes: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes.
"""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """An answer other than 2xx."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002 - Stripe's own word
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.fields = {"type": type, "code": code, "message": message, "param": param, **more}

    def body(self, log_url: str) -> dict[str, Any]:
        """The JSON answer; absent fields are left out, as Stripe does."""
        fields = {name: value for name, value in self.fields.items() if value is not None}
        if "code" in fields:
            page = fields["code"].replace("_", "-")
            fields["doc_url"] = f"https://stripe.com/docs/error-codes/{page}"
        fields["request_log_url"] = log_url
        return {"error": fields}


def missing(kind: str, key: str, param: str, *, status: int = 404) -> StripeError:
    """`resource_missing`: 404 for the object in the path, 400 for one named in a parameter."""
    words = kind.rsplit(".", 1)[-1].replace("_", "")
    return StripeError(
        f"No such {words}: '{key}'", status=status, code="resource_missing", param=param
    )


def not_played(what: str, param: str | None = None) -> StripeError:
    """Real Stripe knows this; the sandbox says plainly that it does not play it."""
    return StripeError(
        f"The sandbox does not play {what}.",
        status=501,
        type="api_error",
        code="sandbox_does_not_play",
        param=param,
    )
