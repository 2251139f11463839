"""What the GitHub CLI does of what our pages and commands use, on environments in a file instead of on GitHub.

The file holds {environment: {settings, rules: {id: "type name"}, variables}}. One form of each call is taken; any other
raises, and so does what GitHub would refuse.
"""

import json
from pathlib import Path
from typing import Any

RULES = r'.branch_policies[] | "\(.id) \(.type) \(.name)"'


def answer_api(argv: list[str], github: dict[str, Any], stdin: str) -> None:
    """Do one call of `gh api`."""
    flags = {"--silent", "--paginate"}
    argv = [argument for argument in argv if argument not in flags]
    method = argv.pop(argv.index("--method") + 1) if "--method" in argv else "GET"
    argv = [argument for argument in argv if argument != "--method"]
    path, *options = argv
    _, _, _, kind, name, *below = path.split("/")
    assert kind == "environments", path
    match [method, *options]:
        case ["PUT", "--input", "-"] if not below:
            github.setdefault(name, {"rules": {}, "variables": {}})["settings"] = json.loads(stdin)
        case ["GET", "--jq", expression] if below == ["deployment-branch-policies"] and expression == RULES:
            print("\n".join(f"{number} {rule}" for number, rule in github[name]["rules"].items()))
        case ["POST", "-f", pattern, "-f", kind] if below == ["deployment-branch-policies"]:
            rules = github[name]["rules"]
            rules[str(max(map(int, rules), default=100) + 1)] = f"{kind.removeprefix('type=')} {pattern[5:]}"
        case ["DELETE"] if below[0] == "deployment-branch-policies":
            del github[name]["rules"][below[1]]
        case _:
            raise ValueError(f"gh api {method} {path} {options}")


def main(argv: list[str], file: Path, stdin: str) -> None:
    """Do one call, and keep what it changed; `stdin` is what was piped into it."""
    github = json.loads(file.read_text())
    if argv[0] == "api":
        answer_api(argv[1:], github, stdin)
    else:
        verb, kind, variable, *options = argv[1], argv[0], argv[2], *argv[3:]
        values = dict(zip(options[::2], options[1::2], strict=True))
        assert (kind, verb, set(values)) == ("variable", "set", {"--repo", "--env", "--body"}), argv
        github[values["--env"]]["variables"][variable] = values["--body"]
    file.write_text(json.dumps(github))
