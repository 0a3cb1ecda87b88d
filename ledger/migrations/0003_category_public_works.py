"""Which categories are public works, where a check on site may stand for the call-back (terms.md 3)."""

from django.db import migrations, models
from django.db.models import Q

WORKS = ("道路交通", "水利饮水", "供电通信", "环境卫生")
"""The defaults of before; a county that renamed them ticks its own on the page of the category."""


def fill(apps, schema_editor):
    category = apps.get_model("ledger", "Category")
    category.objects.filter(Q(name__in=WORKS, parent=None) | Q(parent__name__in=WORKS)).update(is_public_works=True)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="is_public_works",
            field=models.BooleanField(default=False, verbose_name="public works"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
