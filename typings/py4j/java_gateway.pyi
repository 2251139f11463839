from subprocess import Popen
from typing import Any, Literal

from py4j.protocol import get_return_value as get_return_value

def __getattr__(name: str) -> Any: ...
def launch_gateway(
    *,
    jarpath: str,
    java_path: str,
    javaopts: list[str],
    enable_auth: Literal[True],
    return_proc: Literal[True],
    die_on_exit: bool,
) -> tuple[int, str, Popen[bytes]]: ...
