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


class FloorRow(models.Model):
    """A row of a list, with what a list shows of a person and their project."""

    name = models.CharField(max_length=100, db_index=True)
    title = models.CharField(max_length=100)
    stage = models.CharField(max_length=20)
    town = models.CharField(max_length=50)
    advisor = models.CharField(max_length=50)
    due_on = models.DateField()

    class Meta:
        app_label = "floor"

    def __str__(self):
        return self.name
