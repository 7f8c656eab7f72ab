"""Says for the doctor how it is with the key of the secrets at rest."""

from bot.app import found_secret_keys
from bot.config import variables as var
from bot.config.finding import Finding, doubtful, ill, well
from bot.config.settings import NEW_KEY, Settings
from storage.secrets import SealedSecret
from storage.store import try_secrets

_SUBJECT = "secret key"


async def try_key(settings: Settings) -> Finding:
    """Try the key on what is stored, as a start does, and make and change nothing."""
    keys = found_secret_keys(settings)
    try:
        await try_secrets(settings.database_url, keys)
    except SealedSecret as sealed:
        return ill(_SUBJECT, sealed.what, sealed.remedy)
    if keys.file is not None and not settings.uses_sqlite:
        what = (
            f"{var.SECRET_KEY.name} is not set, so that every replica makes a key of its own, and only the first starts"
        )
        known = f"what is in {keys.file}" if keys.passphrases else f"a new key: {NEW_KEY}"
        return doubtful(_SUBJECT, what, f"set it for every replica to {known}")
    if not keys.passphrases:
        return well(_SUBJECT, f"the first start makes one in {keys.file}")
    return well(_SUBJECT, f"{keys.file or var.SECRET_KEY.name} opens what is stored")
