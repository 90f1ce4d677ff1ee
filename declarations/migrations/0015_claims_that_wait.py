import django.db.models.deletion
from django.db import migrations, models


def codes(apps, schema_editor):
    """A claim names its code itself from now on."""
    claim, enterprise = apps.get_model("declarations", "Claim"), apps.get_model("smartfactory", "Enterprise")
    code = enterprise.objects.filter(pk=models.OuterRef("enterprise_id")).values("credit_code")[:1]
    claim.objects.update(credit_code=models.Subquery(code))


class Migration(migrations.Migration):
    dependencies = [
        ("declarations", "0014_facts_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="credit_code",
            field=models.CharField(default="", max_length=18, verbose_name="统一社会信用代码"),
            preserve_default=False,
        ),
        migrations.RunPython(codes, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="claim",
            name="enterprise",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="claims",
                to="smartfactory.enterprise",
            ),
        ),
        migrations.RemoveConstraint(model_name="claim", name="one_open_claim"),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("credit_code", "claimant"), name="one_open_claim"
            ),
        ),
    ]
