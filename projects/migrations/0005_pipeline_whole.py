from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("projects", "0004_reasons_and_next_steps")]

    operations = [
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stage', 'pool'), ('wakes_on__isnull', False), models.Q(('pool_reason', ''), _negated=True)), models.Q(models.Q(('stage', 'pool'), _negated=True), ('pool_reason', ''), ('wakes_on', None)), _connector='OR'), name='projects_project_pool_whole', violation_error_code='pool_incomplete', violation_error_message='Un projet en vivier a un motif et une date de reprise.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closing_reason__isnull', False), ('stage__in', ['abandoned', 'refused'])), models.Q(models.Q(('stage__in', ['abandoned', 'refused']), _negated=True), ('closing_reason', None)), _connector='OR'), name='projects_project_closing_whole', violation_error_code='closing_incomplete', violation_error_message='Un projet refusé ou abandonné a un motif ; les autres n’en ont pas.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_step_on__isnull', False), ('stage__in', ['assessment', 'first_contact', 'pool', 'support']), models.Q(('next_step', ''), _negated=True)), models.Q(models.Q(('stage__in', ['assessment', 'first_contact', 'pool', 'support']), _negated=True), ('next_step', ''), ('next_step_on', None)), _connector='OR'), name='projects_project_next_step_dated', violation_error_code='next_step_missing', violation_error_message='Un projet ouvert a une prochaine étape et sa date ; un projet fini n’en a pas.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('archived_at', None), models.Q(('stage__in', ['assessment', 'first_contact', 'pool', 'support']), _negated=True), _connector='OR'), name='projects_project_archived_when_over', violation_error_code='archived_while_open', violation_error_message='Un projet ouvert ne s’archive pas : terminez-le d’abord.'),
        ),
        migrations.AlterConstraint(
            model_name='project',
            name='projects_project_integration_whole',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('integrated_on__isnull', False), ('member__isnull', False), ('stage', 'integrated')), models.Q(models.Q(('stage', 'integrated'), _negated=True), ('integrated_on', None), ('member', None)), _connector='OR'), name='projects_project_integration_whole', violation_error_code='integration_incomplete', violation_error_message='Un projet intégré a un membre et une date d’intégration ; les autres n’en ont pas.'),
        ),
    ]
