"""Each model says of each field whether it is personal, and each can be scoped or says that it is never shown."""

from django.apps import apps

from ledger.models.fields import EncryptedTextField

MODELS = list(apps.get_app_config("ledger").get_models())


def declared(model: type, name: str) -> set[str]:
    return set(getattr(model, name, "").split())


def own_fields(model: type) -> set[str]:
    fields = [*model._meta.fields, *model._meta.many_to_many]  # type: ignore[attr-defined]
    return {f.name for f in fields if f.name != "id"}


def test_every_field_is_declared_personal_or_not() -> None:
    wrong = {}
    for model in MODELS:
        if model._meta.auto_created:
            continue
        personal, plain = declared(model, "PERSONAL"), declared(model, "NOT_PERSONAL")
        if personal | plain != own_fields(model) or personal & plain:
            wrong[model.__name__] = sorted((personal | plain) ^ own_fields(model)) + sorted(personal & plain)
    assert wrong == {}, "Name these fields in PERSONAL or NOT_PERSONAL of their model"


def test_encrypted_fields_are_personal_and_labelled() -> None:
    for model in MODELS:
        for field in model._meta.fields:
            if isinstance(field, EncryptedTextField):
                assert field.label, f"{model.__name__}.{field.name}"
                assert field.name in declared(model, "PERSONAL"), f"{model.__name__}.{field.name}"


def test_every_model_can_be_scoped() -> None:
    unscoped = [
        m.__name__
        for m in MODELS
        if not any(hasattr(m, name) for name in ("SCOPED_THROUGH", "scope_condition", "NEVER_SHOWN"))
    ]
    assert unscoped == [], "Give these models SCOPED_THROUGH = '<parent>' (or NEVER_SHOWN with the reason)"
