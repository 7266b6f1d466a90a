from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("members", "0004_reference_data")]

    operations = [
        migrations.RemoveField(
            model_name='member',
            name='exited_on',
        ),
        migrations.RemoveField(
            model_name='memberhistory',
            name='exited_on',
        ),
    ]
