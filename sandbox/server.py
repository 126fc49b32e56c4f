"""Starts the sandbox: one HTTP port for the vendors and their pages, one SMTP port."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from sandbox import control, figures, home, hubspot, mail, slack, stripe
from sandbox.gateway import Gateway
from sandbox.listener import KeepAliveServer
from sandbox.world import World

if TYPE_CHECKING:
    from aiosmtpd.controller import Controller

    from sandbox.settings import Settings

_HERE = Path(__file__).parent
_POLL_SECONDS = 0.05


@dataclass
class Server:
    """A running sandbox: `url` is its origin, `world` what it knows."""

    url: str
    world: World
    _http: KeepAliveServer
    _smtp: Controller

    def close(self) -> None:
        """Stop both ports and the background work, keep the data."""
        self._http.end()
        self._smtp.stop(no_assert=True)
        self.world.close()


def serve(settings: Settings) -> Server:
    """Start the sandbox in background threads; OSError when a port is taken."""
    world = World.open(settings)
    app = make_app(world)
    http = KeepAliveServer(settings.http_address, Gateway(world, app.wsgi_app))
    smtp = mail.start_sink(world)
    threading.Thread(
        target=http.serve_forever, args=(_POLL_SECONDS,), name="sandbox-http", daemon=True
    ).start()
    return Server(settings.origin, world, http, smtp)


def make_app(world: World) -> Flask:
    """Make the Flask application with every vendor under its prefix."""
    app = Flask("sandbox", root_path=str(_HERE), static_url_path="/assets")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["WORLD"] = world
    figures.teach(app)
    app.register_blueprint(hubspot.blueprint(world), url_prefix="/hubspot")
    app.register_blueprint(hubspot.crm_blueprint(world), url_prefix="/hubspot-app")
    app.register_blueprint(slack.blueprint(world), url_prefix="/slack")
    app.register_blueprint(mail.blueprint(world), url_prefix="/mail")
    app.register_blueprint(control.blueprint(world), url_prefix="/control")
    app.register_blueprint(home.blueprint(world))
    app.register_blueprint(stripe.blueprint(world), url_prefix="/stripe")
    return app
