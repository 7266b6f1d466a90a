from django.db import models


class FloorSlot(models.Model):
    """As many slots as a day of permanence has, found by an index."""

    day = models.IntegerField(db_index=True)
    starts_at = models.DateTimeField()
    taken = models.BooleanField(default=False)

    class Meta:
        app_label = "floor"

    def __str__(self):
        return str(self.starts_at)


class FloorBooking(models.Model):
    """One row under a unique constraint: the least a booking can be."""

    slot = models.OneToOneField(FloorSlot, models.CASCADE)
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "floor"

    def __str__(self):
        return self.name
