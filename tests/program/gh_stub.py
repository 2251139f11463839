"""What the GitHub CLI does of what our pages and commands use, on environments in a file instead of on GitHub.

The file holds {environment: {settings, rules: {id: "type name"}, variables}}. One form of each call is taken; any other
raises, and so does what GitHub would refuse.
"""

import json
from pathlib import Path
from typing import Any

RULES = r'.branch_policies[] | "\(.id) \(.type) \(.name)"'


def api(words: list[str], github: dict[str, Any], stdin: str) -> None:
    """Do one call of `gh api`."""
    flags = {"--silent", "--paginate"}
    words = [word for word in words if word not in flags]
    method = words.pop(words.index("--method") + 1) if "--method" in words else "GET"
    words = [word for word in words if word != "--method"]
    path, *options = words
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


def main(words: list[str], file: Path, stdin: str) -> None:
    """Do one call, and keep what it changed; `stdin` is what was piped into it."""
    github = json.loads(file.read_text())
    if words[0] == "api":
        api(words[1:], github, stdin)
    else:
        verb, kind, variable, *options = words[1], words[0], words[2], *words[3:]
        values = dict(zip(options[::2], options[1::2], strict=True))
        assert (kind, verb, set(values)) == ("variable", "set", {"--repo", "--env", "--body"}), words
        github[values["--env"]]["variables"][variable] = values["--body"]
    file.write_text(json.dumps(github))
