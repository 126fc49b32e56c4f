"""What gunicorn serves: `gunicorn app.wsgi:application`."""

import sys

from app import create_app
from app.logs import start_logging
from app.metrics.tallies import Tallies
from app.runtime import Runtime, patiently, refuse_moved_clock
from app.setting_problems import SettingsError
from app.settings import Settings

try:
    _settings = Settings.from_env()
    start_logging(_settings)
    _runtime = Runtime.start(_settings)
    patiently(_runtime.database, lambda: refuse_moved_clock(_settings, _runtime.database))
except SettingsError as error:
    sys.exit(f"The settings do not allow a start:\n{error}")

Tallies(_runtime.database).start()
application = create_app(_settings, _runtime)
