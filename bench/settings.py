"""The project's settings with two extra addresses to compare with, and without slow password hashing."""

from smartfactory.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
