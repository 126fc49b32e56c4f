"""Asks Slack whether it knows our app again, after it refused the app's secret."""

from app.accounts.slack_app import try_app
from app.messages import Claimed
from app.runtime import Runtime
from workers.handler import Effect, nothing_more


def work(runtime: Runtime, _message: Claimed) -> Effect:
    """payload: nothing."""
    try_app(runtime)
    return nothing_more
