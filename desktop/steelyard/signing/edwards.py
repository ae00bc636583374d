"""Which points of edwards25519 may be an Ed25519 public key or the first half of a signature.

Libraries differ in what they let through (RFC 8032 leaves it open, and the difference is how one signature is
valid for one reader and not for another). Accepted here: a public key that is canonically encoded, lies on
the curve, and is of prime order, so neither of small order nor with a component of it. With such a key the
cofactorless equation that the library checks admits no small-order component in the signature either; only
the neutral element is left to refuse by name.

The arithmetic handles public values only, so it need not run in constant time.

Source: RFC 8032, section 5.1; "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020).
"""

from __future__ import annotations

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, P - 2, P) % P
_SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

_Point = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, x·y = T/Z."""

_NEUTRAL: _Point = (0, 1, 1, 0)
NEUTRAL_BYTES = (1).to_bytes(32, "little")


def has_prime_order(encoded: bytes) -> bool:
    """Whether 32 bytes are the canonical encoding of a point of order `ORDER`."""
    point = _decode(encoded)
    if point is None or _is_neutral(point):
        return False
    return _is_neutral(_multiply(ORDER, point))


def is_neutral(encoded: bytes) -> bool:
    """Whether 32 bytes decode to the neutral element, in any of its encodings."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    return y % P == 1


def _decode(encoded: bytes) -> _Point | None:
    if len(encoded) != 32:
        return None
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _recover_x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * _SQRT_MINUS_ONE % P
    if x * x % P != square:
        return None
    return P - x if x & 1 != sign else x


def _add(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * _D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar: int, point: _Point) -> _Point:
    total = _NEUTRAL
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _is_neutral(point: _Point) -> bool:
    x, y, z, _ = point
    return x % P == 0 and (y - z) % P == 0
