"""The rotation of the data keys: where it stands, the other columns' indexes, a sealed digest of what forms sent."""

from django.db import migrations, models

import ledger.models.fields
from ledger.rules import keyring


def note_the_key_in_use(apps, schema_editor):
    """The key that the stored indexes were made with; of an empty ledger the current one."""
    label = ledger.models.fields.ID_LABEL
    known = apps.get_model("ledger", "Resident").objects.exclude(id_index="").values_list("id_no", "id_index").first()
    number, index = known or ("", "")
    fitting = [key for key in keyring.key_ids("index") if known and keyring.blind_index(label, number, key) == index]
    key = fitting[0] if fitting else keyring.current_key_id("index")
    apps.get_model("ledger", "KeyRotation").objects.create(pk=1, current_key=key)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_audit_seals")]

    operations = [
        migrations.CreateModel(
            name="KeyRotation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "at rest"),
                            ("fill", "the next column is being filled"),
                            ("move", "the next column is complete, the first one follows"),
                            ("clear", "the first column is complete, the next one is being emptied"),
                        ],
                        default="",
                        max_length=5,
                    ),
                ),
                ("current_key", models.CharField(max_length=16)),
                ("next_key", models.CharField(blank=True, default="", max_length=16)),
                ("begun_at", models.DateTimeField(null=True)),
                ("switched_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="key_rotation_one_row"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_key", ""), ("stage", "")),
                            models.Q(models.Q(("stage", ""), _negated=True), models.Q(("next_key", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="key_rotation_next_key_while_under_way",
                    ),
                ],
            },
        ),
        migrations.RunPython(note_the_key_in_use, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="resident", index=models.Index(fields=["id_index_next"], name="resident_id_index_next")
        ),
        migrations.AddIndex(
            model_name="resident", index=models.Index(fields=["phone_index_next"], name="resident_phone_index_next")
        ),
        migrations.AlterField(
            model_name="submission",
            name="body_hash",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="submission",
            name="digest",
            field=ledger.models.fields.EncryptedTextField(blank=True, default="", label="submission.digest"),
        ),
    ]
