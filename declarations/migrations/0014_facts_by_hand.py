from django.db import migrations, models

# As the system itself names where a value comes from that was kept from a declaration.
FILED = "申报书 "


def vouched_for(apps, schema_editor):
    """A source that no declaration wrote was written by a person."""
    apps.get_model("declarations", "KnownFact").objects.exclude(source__startswith=FILED).update(by_hand=True)


class Migration(migrations.Migration):
    dependencies = [
        ("declarations", "0013_removed_instances"),
    ]

    operations = [
        migrations.AddField(
            model_name="formerfact",
            name="beside",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="knownfact",
            name="by_hand",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(vouched_for, migrations.RunPython.noop),
    ]
