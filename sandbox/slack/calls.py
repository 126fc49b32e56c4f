"""What every Slack method shares: arguments, token, scopes, errors with status 200."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request

from sandbox.slack.teams import channels, demanded, teams, tokens
from sandbox.world import current_world

if TYPE_CHECKING:
    from sandbox.store import Record


class SlackError(Exception):
    """`ok: false` with Slack's error word (docs.slack.dev, method reference)."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **details}


@dataclass
class Call:
    """One authorized call: the token, the bot's workspace, its scopes, the arguments as given."""

    token: str
    team: str
    scopes: list[str]
    arguments: dict[str, Any]

    def need(self, scope: str) -> None:
        """Raise missing_scope unless the token holds the scope; keep that it was asked for."""
        g.needed.append(scope)
        demanded(current_world()).setdefault(scope, {})
        if scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.scopes))

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        text = self.text(name, str(default))
        if not text.isdigit():
            raise SlackError("invalid_arguments", response_metadata={"messages": [name]})
        return int(text)

    def structure(self, name: str, error: str) -> Any:
        """Return an argument given as JSON or as JSON text; None when absent."""
        value = self.arguments.get(name)
        if isinstance(value, str) and value:
            try:
                return json.loads(value)
            except ValueError as problem:
                raise SlackError(error) from problem
        return value or None

    def channel(self) -> Record:
        """Return the named channel if the bot may know of it; a stranger's private one is not."""
        wanted = self.text("channel")
        found = channels(current_world(), self.team).get(wanted)
        if found is None or (found["is_private"] and not found["is_member"]):
            raise SlackError("channel_not_found")
        return found


def begin() -> Call:
    """Read the token and the arguments of a form or JSON call."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = token or request.values.get("token", "")
    if not token:
        raise SlackError("not_authed")
    known = tokens(current_world()).get(token)
    if known is None:
        raise SlackError("invalid_auth")
    if known["scopes"] is None:
        raise SlackError("account_inactive" if known.get("uninstalled") else "token_revoked")
    g.scopes, g.needed = known["scopes"], []
    arguments = request.get_json(silent=True) if request.is_json else None
    given = {**request.values.to_dict(), **(arguments or {})}
    return Call(token, known["team"], known["scopes"], given)


def team_of(call: Call) -> Record:
    return teams(current_world())[call.team]
