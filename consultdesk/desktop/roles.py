"""Which commands the open user's role can't use, and why, beside all that is clinical."""

from consultdesk.consultation.audit import Role
from consultdesk.desk.audit_trail import may_see_all
from consultdesk.desktop.words import tr
from consultdesk.vault.vault import Vault


def barred(vault: Vault) -> dict[str, str]:
    """By the key of its command, why each of them can't be chosen by this user."""
    why: dict[str, str] = {}
    if vault.role not in (Role.PHYSICIAN, Role.ADMINISTRATOR):
        why["retention"] = tr("Ask a physician or an administrator.")
    if vault.role is not Role.PHYSICIAN:
        only = tr("Only a physician can do this.")
        why |= dict.fromkeys(("erase", "export_patient"), only)
    if not may_see_all(vault):
        why["audit_all"] = tr("Ask a physician or an administrator.")
    return why
