"""The running process, for views."""

from typing import cast

from flask import current_app

from app.runtime import Runtime


def runtime() -> Runtime:
    return cast("Runtime", current_app.extensions["propale"])
