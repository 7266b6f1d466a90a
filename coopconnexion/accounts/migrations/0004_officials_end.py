from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_officials_have_an_end")]

    operations = [
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("role", "official"), _negated=True), ("ends_on__isnull", False), _connector="OR"), name="accounts_mandate_official_ends", violation_error_code="official_ends", violation_error_message="L’accès d’un·e élu·e ou d’un·e agent·e a une fin\u202f: indiquez le dernier jour."),
        ),
    ]
