"""Where the rotation of the index keys stands: what the two index columns of residents hold."""

from django.db import models


class Stage(models.TextChoices):
    """The steps of a rotation from one index key to the next; each begins when nobody writes as before any more."""

    REST = "", "at rest"
    FILL = "fill", "the next column is being filled"
    MOVE = "move", "the next column is complete, the first one follows"
    CLEAR = "clear", "the first column is complete, the next one is being emptied"


class KeyRotation(models.Model):
    """One row. It belongs to the database, so that a restored backup still says what its columns hold."""

    stage = models.CharField(max_length=5, choices=Stage, blank=True, default=Stage.REST)
    current_key = models.CharField(max_length=16)
    next_key = models.CharField(max_length=16, blank=True, default="")
    begun_at = models.DateTimeField(null=True)
    switched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    NOT_PERSONAL = "stage current_key next_key begun_at switched_at finished_at"
    NEVER_SHOWN = True  # only manage.py rotate_keys tells of it

    class Meta:
        constraints = [
            models.CheckConstraint(name="key_rotation_one_row", condition=models.Q(pk=1)),
            models.CheckConstraint(
                name="key_rotation_next_key_while_under_way",
                condition=models.Q(stage="", next_key="") | ~models.Q(stage="") & ~models.Q(next_key=""),
            ),
        ]
