"""A program that looks before the person comes asks with HEAD: what GET would do stays undone."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request

View = TypeVar("View", bound=Callable[..., Any])


def not_for_a_look(view: View) -> View:
    """Answer HEAD with nothing: for a view that writes, or takes what is good once."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return Response() if request.method == "HEAD" else view(*args, **kwargs)

    return guarded  # type: ignore[return-value]
