from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Village Ledger")

    def ready(self) -> None:
        register(forced_roles_exist)


def forced_roles_exist(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """A slip in MFA_FORCED_FOR would leave the door open without a word."""
    from ledger.rules.permissions import Role

    unknown = sorted(settings.MFA_FORCED_FOR - {"all", *Role.values})
    hint = f"Roles are: {', '.join(Role.values)}; or 'all', or 'none'."
    return [Error(f"MFA_FORCED_FOR names no role: {name}", hint=hint, id="ledger.E001") for name in unknown]
