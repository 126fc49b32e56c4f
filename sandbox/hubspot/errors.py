"""HubSpot's error bodies: status, message, correlationId, category and, at times, details."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Response


class HubSpotError(Exception):
    """An answer other than 2xx, as HubSpot words it."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {
            "status": "error",
            "message": message,
            "correlationId": str(uuid.uuid4()),
            "category": category,
            **details,
        }


def answer_error(problem: HubSpotError) -> Response:
    """Turn an error into its response."""
    response = Response(json.dumps(problem.body), problem.status, mimetype="application/json")
    response.headers.update(problem.headers)
    return response


def not_found(message: str = "resource not found") -> HubSpotError:
    return HubSpotError(404, "OBJECT_NOT_FOUND", message)


def invalid(message: str, **details: Any) -> HubSpotError:
    return HubSpotError(400, "VALIDATION_ERROR", message, **details)


def invalid_properties(problems: list[dict[str, Any]]) -> HubSpotError:
    """Refuse a write with HubSpot's list of property problems inside the message."""
    return invalid(
        f"Property values were not valid: {json.dumps(problems, ensure_ascii=False)}",
        errors=[
            {
                "message": problem["message"],
                "code": problem["error"],
                "context": {"propertyName": [problem["name"]]},
            }
            for problem in problems
        ],
    )
