"""gunicorn's parent process: it writes as its workers do, and ends at once with wrong settings."""

import sys
from typing import Any

from gunicorn.glogging import Logger

from app.logs import set_up_logging
from app.redaction import long_enough
from app.setting_problems import SettingsError
from app.settings import Settings


class ServerLog(Logger):  # type: ignore[misc]
    """What `--logger-class` names; each worker sets its own logging up again in `app.wsgi`."""

    def setup(self, cfg: Any) -> None:
        """Take the lines from gunicorn's own handlers.

        A worker that ends for wrong settings would be started again for ever, while whoever
        supervises the parent sees it running.
        """
        super().setup(cfg)
        try:
            settings = Settings.from_env()
        except SettingsError as error:
            sys.exit(f"The settings do not allow a start:\n{error}")
        secrets = long_enough(settings.secrets)
        set_up_logging(settings.log_level, as_json=settings.production, secrets=secrets)
