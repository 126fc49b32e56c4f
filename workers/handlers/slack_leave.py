"""Gives the bot's token back to Slack and forgets it."""

from app.accounts.clients import slack_client
from app.accounts.connections import LEAVING, connection_problem, find_connection
from app.accounts.leave_slack import forget_slack
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.messages import Claimed, Ignored
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    with runtime.database.reading(message.tenant_id) as session:
        connection = find_connection(session, "slack")
    if connection is None or connection.status != LEAVING:
        raise Ignored("it was connected again meanwhile")
    try:
        slack_client(runtime, connection).revoke()
    except ProviderError as error:
        if error.kind is not FailureKind.AUTH:  # else it is worth nothing already
            raise
    return _left


def _left(session: ScopedSession) -> None:
    forget_slack(session)


def when_dead(session: ScopedSession, _message: Claimed, reason: Reason) -> None:
    """Slack will not hear of it: the token is forgotten all the same, and the page says so."""
    if forget_slack(session):
        connection_problem(session, "slack", reason)
