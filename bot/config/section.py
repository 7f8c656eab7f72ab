"""What every section of tocsin.yaml is: a mapping whose keys are all known."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """A mapping whose keys are all known; anything else in it is a mistake."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_left_out(cls, given: Any) -> Any:
        """Take a known key with nothing after it as left out: its entries may all be comments."""
        if not isinstance(given, dict):
            return given
        known = keys_of(cls)
        return {key: value for key, value in given.items() if value is not None or key not in known}


def keys_of(section: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the keys of a section as they are written: some are words that Python keeps for itself."""
    return {field.alias or name: field for name, field in section.model_fields.items()}
