"""A query's words, before they are parsed: it starts as a SELECT does, and calls only functions that are on the list."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import cast

from sqlglot.dialects.spark import Spark
from sqlglot.tokenizer_core import Token, TokenType

from etl.contract.query_functions import FUNCTIONS

NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
GRAMMAR = """
    select from where and or not in exists as on using join over filter when then else case by having between like ilike rlike
    regexp all union except intersect is limit offset interval distinct decimal varchar try_cast
"""
BEFORE_PAREN = frozenset(GRAMMAR.split())
"""Words of the grammar, and of types, that a parenthesis may follow."""
# sqlglot gives this mapping no types.
NO_PAREN = cast("Iterable[TokenType]", Spark.Parser.NO_PAREN_FUNCTIONS)  # pyright: ignore[reportUnknownMemberType]
CALLED_WITHOUT_PAREN = frozenset(NO_PAREN) | {TokenType.HINT}
OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)


def token_faults(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield what is no SELECT, or calls what is not on the list: a function's name stands before a parenthesis."""
    if not tokens or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN):
        yield "it is no SELECT"
    for token in tokens:
        is_quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
        if not is_quoted and not token.text.isascii():
            yield f"it holds {token.text} outside quotes"
        if token.token_type in CALLED_WITHOUT_PAREN:
            yield f"it calls {token.text.lower()}"
        if token.token_type is TokenType.VAR and not NAME_PATTERN.fullmatch(token.text):
            yield f"it holds {token.text}"
    yield from _call_faults(tokens)


def _call_faults(tokens: Sequence[Token]) -> Iterator[str]:
    for index, (token, following) in enumerate(pairwise(tokens)):
        name, is_quoted = token.text.lower(), token.token_type is TokenType.IDENTIFIER
        if following.token_type is not TokenType.L_PAREN or token.token_type is TokenType.STRING:
            continue
        if not NAME_PATTERN.fullmatch(name) or (name in BEFORE_PAREN and not is_quoted):
            continue
        if name not in FUNCTIONS or (index and tokens[index - 1].token_type is TokenType.DOT):
            yield f"it calls {name}"
            continue
        least, most = FUNCTIONS[name]
        if not least <= (number := _count_arguments(tokens[index + 1 :])) <= most:
            yield f"it calls {name} with {number} argument{'s' * (number != 1)}"


def _count_arguments(tokens: Sequence[Token]) -> int:
    """Return the number of arguments between the parenthesis that comes first and its own end."""
    depth, commas = 0, 0
    for token in tokens:
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        if not depth:
            break
        commas += depth == 1 and token.token_type is TokenType.COMMA
    return 0 if len(tokens) > 1 and tokens[1].token_type is TokenType.R_PAREN else commas + 1
