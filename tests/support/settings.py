"""The project's settings with what makes tests quick; whatever decides behaviour stays as it is."""

from smartfactory.settings import *  # noqa: F403
from smartfactory.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Every test process has its own folder and database name already (see engine.py), so that child processes started
# by a test find the very same database.
DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"]}

# Otherwise every test client would list and stat all static files before its first request.
WHITENOISE_AUTOREFRESH = True
