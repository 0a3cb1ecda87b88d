"""The highest desk a matter ever lay on: 小事不出村 asks whether it left the village, not where it was struck off."""

from django.db import migrations, models

RANK = {"village": 0, "district": 1, "township": 2, "county": 3}
CHUNK = 2_000


def from_the_steps(apps, schema_editor):
    """Of those that moved between desks: each step says from where to where; of what was reclassified, where it is."""
    step, issue = apps.get_model("ledger", "IssueStep"), apps.get_model("ledger", "Issue")
    levels = dict(issue.objects.values_list("pk", "level").filter(steps__step__in=("escalate", "send_down")))
    moved = step.objects.filter(step__in=("escalate", "send_down")).values_list("issue_id", "data")
    found = dict(levels)
    for pk, data in moved.iterator():
        said = [found[pk], *(data[name] for name in ("level", "from_level") if data.get(name) in RANK)]
        found[pk] = max(said, key=RANK.__getitem__)
    for level in RANK:
        pks = [pk for pk, highest in found.items() if highest == level]
        for at in range(0, len(pks), CHUNK):
            issue.objects.filter(pk__in=pks[at : at + CHUNK]).update(highest_level=level)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0052_dissatisfied_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="highest_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("village", "Village"),
                    ("district", "District"),
                    ("township", "Township"),
                    ("county", "County"),
                ],
                default="",
                max_length=8,
                verbose_name="highest level",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(from_the_steps, migrations.RunPython.noop),
    ]
