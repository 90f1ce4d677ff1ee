"""Guards that make the audit tables append-only inside the database (see smartfactory/audit_guards.py)."""

from django.db import migrations

from smartfactory import audit_guards


def install(apps, schema_editor):
    audit_guards.install(schema_editor.connection)


def remove(apps, schema_editor):
    audit_guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("smartfactory", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
