from typing import Any

def __getattr__(name: str) -> Any: ...
def get_return_value(
    answer: str, gateway_client: Any, target_id: str | None = None, name: str | None = None
) -> Any: ...

class Py4JError(Exception): ...

class Py4JJavaError(Py4JError):
    java_exception: Any
