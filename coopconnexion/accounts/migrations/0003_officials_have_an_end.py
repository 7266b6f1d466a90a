from datetime import timedelta

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone


def end_officials(apps, schema_editor):
    """Give a year from today to the officials whose access had no end; the direction renews whom it wants."""
    mandates = apps.get_model("accounts", "Mandate").objects.filter(role="official", ends_on=None)
    mandates.update(ends_on=Greatest(F("starts_on"), timezone.localdate()) + timedelta(days=365))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_merged_people")]

    operations = [migrations.RunPython(end_officials, migrations.RunPython.noop, elidable=True)]
