"""System checks: what must be true of a machine and a database before people trust their year to them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

APT = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"


@register()
def pdf_libraries(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """WeasyPrint raises OSError without Pango; the site must start all the same, so this is a warning."""
    from smartfactory.documents import pdf_problem

    problem = pdf_problem()
    return [Warning(f"PDFs cannot be rendered: {problem}", hint=APT, id="smartfactory.W001")] if problem else []


@register()
def chinese_fonts(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if shutil.which("fc-list") is None:
        return []
    listing = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
    if "Noto Serif CJK SC" in listing:
        return []
    return [Warning("Noto Serif CJK SC is not installed; PDFs would miss characters", hint=APT, id="smartfactory.W002")]


@register(Tags.security, deploy=True)
def keys_apart(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The signing key must not be readable by others."""
    key = Path(settings.KEYS_ROOT) / "seal.pem"
    if key.exists() and key.stat().st_mode & 0o077:
        return [Error(f"{key} is readable by others", hint="chmod 400", id="smartfactory.E001")]
    return []


@register(Tags.database)
def audit_guards_stand(app_configs: object, databases: list[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """A missing trigger on the audit tables is a deploy error, not a detail."""
    from smartfactory import audit_guards

    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if "smartfactory_auditcheckpoint" not in connection.introspection.table_names():
            continue
        if names := audit_guards.missing(connection):
            found.append(Error(f"audit guards missing: {', '.join(names)}", id="smartfactory.E002"))
    return found
