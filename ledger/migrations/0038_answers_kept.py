"""How often an issue was called back enters its counts; the few called again, and sensitive ones, have an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0037_rotations"),
    ]

    operations = [
        migrations.AddField(
            model_name="issuechange",
            name="call_back_tries",
            field=models.IntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("round__gt", 1), ("call_back_tries__gt", 0), _connector="OR"),
                fields=["village"],
                name="issue_called_again",
            ),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("is_sensitive", True)), fields=["village", "state"], name="issue_sensitive"
            ),
        ),
    ]
