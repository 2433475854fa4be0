"""Solids as triangles: reading STL, and asking what a printer and a board would ask."""

import struct
from pathlib import Path

Point = tuple[float, float, float]
Triangle = tuple[Point, Point, Point]


def read(path: Path) -> list[Triangle]:
    """The triangles of a binary STL file."""
    content = path.read_bytes()
    (count,) = struct.unpack_from("<I", content, 80)
    if len(content) != 84 + 50 * count:
        raise ValueError(f"{count} triangles do not take {len(content)} bytes")
    found = []
    for number in range(count):
        c = struct.unpack_from("<12f", content, 84 + 50 * number)
        found.append(((c[3], c[4], c[5]), (c[6], c[7], c[8]), (c[9], c[10], c[11])))
    return found


def open_edges(triangles: list[Triangle]) -> int:
    """How many edges have not exactly one triangle on each side; 0 for a solid that is closed."""
    edges: dict[tuple[Point, Point], int] = {}
    for a, b, c in triangles:
        for edge in ((a, b), (b, c), (c, a)):
            edges[edge] = edges.get(edge, 0) + 1
    return sum(1 for (a, b), n in edges.items() if n != edges.get((b, a), 0))


def volume(triangles: list[Triangle]) -> float:
    """Cubic units; negative if the triangles look inwards."""
    total = 0.0
    for (ax, ay, az), (bx, by, bz), (cx, cy, cz) in triangles:
        total += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    return total / 6


def bounds(triangles: list[Triangle]) -> tuple[Point, Point]:
    """The lowest and the highest corner of the box around them."""
    corners = [corner for triangle in triangles for corner in triangle]
    low, high = ([pick(c[axis] for c in corners) for axis in range(3)] for pick in (min, max))
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def reaches_into(triangle: Triangle, low: Point, high: Point) -> bool:
    """Whether a triangle reaches into a box (separating axes); to touch it is not enough."""
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    half = [(b - a) / 2 for a, b in zip(low, high, strict=True)]
    corners = [[x - m for x, m in zip(corner, middle, strict=True)] for corner in triangle]
    sides = [[corners[(i + 1) % 3][axis] - corners[i][axis] for axis in range(3)] for i in range(3)]
    axes = [[float(i == axis) for i in range(3)] for axis in range(3)]
    tried = [*axes, _cross(sides[0], sides[1])]
    tried += [_cross(axis, side) for axis in axes for side in sides]
    for axis in tried:
        reach = sum(h * abs(a) for h, a in zip(half, axis, strict=True))
        spots = [sum(x * a for x, a in zip(corner, axis, strict=True)) for corner in corners]
        if any(axis) and (min(spots) >= reach - 1e-6 or max(spots) <= -reach + 1e-6):
            return False
    return True


def is_inside(triangles: list[Triangle], point: Point) -> bool:
    """Whether a point lies in the solid: a ray from it leaves it once more than it enters."""
    crossings = 0
    # A direction that no edge of ours runs along.
    direction = [0.8165, 0.4673, 0.3391]
    for a, b, c in triangles:
        u = [b[i] - a[i] for i in range(3)]
        v = [c[i] - a[i] for i in range(3)]
        p = _cross(direction, v)
        scale = sum(x * y for x, y in zip(u, p, strict=True))
        if abs(scale) < 1e-12:
            continue
        t = [point[i] - a[i] for i in range(3)]
        first = sum(x * y for x, y in zip(t, p, strict=True)) / scale
        q = _cross(t, u)
        second = sum(x * y for x, y in zip(direction, q, strict=True)) / scale
        away = sum(x * y for x, y in zip(v, q, strict=True)) / scale
        crossings += first >= 0 and second >= 0 and first + second <= 1 and away > 0
    return crossings % 2 == 1


def _cross(a: list[float], b: list[float]) -> list[float]:
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
