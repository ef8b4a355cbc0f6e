"""Bytes written as hex, the way people write them.

    >>> parse("DE:AD-be ef"), parse(r"\\xde\\xad"), parse("0xdeadbeef"), parse("0xA")
    (b'\\xde\\xad\\xbe\\xef', b'\\xde\\xad', b'\\xde\\xad\\xbe\\xef', b'\\n')

Tokens are split by blanks, newlines and `, ; : - _`. A token is one or more runs; a run is an
optional `0x` or `\\x` and then an even number of hex digits. Only the token `0xA`, one digit after
its prefix, is odd: it means `0a`.
"""

import re

separators = re.compile(r"[ \t\r\n,;:_-]+")
# A `0` that an `x` follows belongs to the next prefix and not to this run of digits.
run = re.compile(r"(?:0[xX]|\\[xX])?((?:(?!0[xX])[0-9a-fA-F])*)")
single_digit = re.compile(r"0[xX]([0-9a-fA-F])(?=[ \t\r\n,;:_-]|$)")


class HexError(ValueError):
    """Says what is wrong and, counted from 1, at which column."""

    def __init__(self, column, what):
        super().__init__(f"column {column}: {what}")
        self.column = column


def parse(text):
    """The bytes that `text` means; raises HexError."""
    payload = bytearray()
    position = 0
    in_token = False
    while position < len(text):
        match = separators.match(text, position)
        if match:
            in_token = False
        elif not in_token and (match := single_digit.match(text, position)):
            payload.append(int(match[1], 16))
        else:
            match = run.match(text, position)
            payload += run_bytes(text, match)
            in_token = True
        position = match.end()
    return bytes(payload)


def run_bytes(text, match):
    """The bytes of one run; raises HexError."""
    digits, end = match[1], match.end()
    if not digits:
        raise HexError(end + 1, "a hex digit is wanted" if end == len(text)
                       else f"{text[end]!r} is no hex digit")
    if len(digits) % 2:
        raise HexError(end, "an odd number of digits; a byte has two")
    return bytes.fromhex(digits)


def show(payload):
    """`de ad be ef`, which parse() reads back."""
    return payload.hex(" ")


if __name__ == "__main__":
    import doctest
    raise SystemExit(1 if doctest.testmod().failed else 0)
