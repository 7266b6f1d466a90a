"""Relations between tables point downwards only; import-linter holds the same of imports."""

from django.apps import apps

FLOORS = {
    "territories": 0,
    "accounts": 1,
    "notices": 2,
    "partnerships": 3,
    "members": 4,
    "projects": 5,
    "premises": 6,
    "permanences": 7,
    "events": 7,
}


def relations():
    """Yield our models and what their own relations point to, by class or by string."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in FLOORS:
            for field in model._meta.get_fields():
                if field.concrete and field.is_relation and field.related_model:
                    yield model, field, field.related_model


def test_no_relation_points_upwards_or_sideways():
    wrong = [
        f"{model._meta.label}.{field.name} -> {target._meta.label}"
        for model, field, target in relations()
        if target._meta.app_label in FLOORS
        and target._meta.app_label != model._meta.app_label
        and FLOORS[target._meta.app_label] >= FLOORS[model._meta.app_label]
    ]
    assert wrong == []


def test_every_app_of_ours_stands_on_a_floor():
    ours = {config.label for config in apps.get_app_configs() if not config.path.count("site-packages")}
    assert {
        config.label for config in apps.get_app_configs() if config.label in ours and list(config.get_models())
    } == set(FLOORS)
