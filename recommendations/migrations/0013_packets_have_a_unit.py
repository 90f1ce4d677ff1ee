"""Apart from filling it: PostgreSQL alters no table whose rows were changed in the same transaction."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0012_packets_in_volumes")]

    operations = [
        migrations.AlterField(
            model_name="packet",
            name="authority",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="smartfactory.authority"
            ),
        ),
    ]
