"""How the dataclasses of the verdict file become its JSON Schema."""

from pydantic import ConfigDict

# A reader may rely on every field, also on one that has a default when a run starts. Errors must not quote a verdict's
# values, which may be about a person.
SCHEMA_SETTINGS = ConfigDict(
    use_attribute_docstrings=True, json_schema_serialization_defaults_required=True, hide_input_in_errors=True
)
