"""The case: that it can be printed, that the board and its plugs fit, and that the lid stays on."""

import struct

import pytest
from tests.hardware import solids
from tests.hardware.solids import Triangle

from undertow.hardware import boards, case

CASE = case.load()
F = CASE.figures
TOP = F["above"] + F["floor_thickness"]
BOTTOM = -F["below"] - F["floor_thickness"]
PRINTED = {name: solids.read(case.FOLDER / f"{case.NAME}_{name}.stl") for name in case.SOLIDS}


def fitted(name: str) -> list[Triangle]:
    """A solid where it is when the case is closed: the files have it as it is printed."""
    if name == "base":
        return [
            tuple((x, y, z + BOTTOM) for x, y, z in t)  # type: ignore[misc]
            for t in PRINTED["base"]
        ]
    return [tuple((x, -y, TOP - z) for x, y, z in t) for t in PRINTED["lid"]]  # type: ignore[misc]


BASE, LID = fitted("base"), fitted("lid")
SOLIDS = {"base": BASE, "lid": LID}


@pytest.mark.parametrize("name", case.SOLIDS)
def test_a_solid_is_closed_and_stands_on_the_printers_bed(name: str) -> None:
    triangles = PRINTED[name]
    assert solids.open_edges(triangles) == 0
    assert solids.volume(triangles) > 0
    low, _ = solids.bounds(triangles)
    assert low[2] == pytest.approx(0, abs=1e-4)


def test_a_solid_with_a_hole_in_its_skin_is_found() -> None:
    assert solids.open_edges(PRINTED["pin"][1:]) == 3


def test_the_case_is_as_large_as_its_figures_say() -> None:
    low, high = solids.bounds(BASE)
    assert low == pytest.approx((-F["gap_x"] - F["wall"], -F["gap_front"] - F["wall"], BOTTOM))
    width = F["board_width"] + F["gap_x"] + F["wall"]
    length = F["board_length"] + F["gap_antenna"] + F["wall"]
    assert high == pytest.approx((width, length, F["above"]), abs=1e-4)
    low, high = solids.bounds(LID)
    assert (low[2], high[2]) == pytest.approx((F["above"] - F["rim_depth"], TOP), abs=1e-4)


def test_the_board_is_the_one_that_the_firmware_is_for() -> None:
    assert CASE.board in boards.names()


@pytest.mark.parametrize("part", CASE.parts, ids=lambda part: part.name)
@pytest.mark.parametrize("name", SOLIDS)
def test_nothing_of_the_case_reaches_into_a_part_of_the_board(name: str, part: case.Part) -> None:
    triangles = SOLIDS[name]
    reaching = [t for t in triangles if solids.reaches_into(t, part.low, part.high)]
    assert reaching == []
    middle = tuple((a + b) / 2 for a, b in zip(part.low, part.high, strict=True))
    assert not solids.is_inside(triangles, middle)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ((-1.5, 30.0, 0.0), (1.0, 40.0, 1.6)),  # a board that is too wide
        ((10.0, -8.0, 1.6), (27.5, 18.0, 15.6)),  # a socket that is too wide
        ((9.88, -8.0, 1.6), (26.48, 18.0, 16.4)),  # and one that is too high
        ((-20.0, 5.0, -0.6), (-0.6, 17.6, 6.6)),  # a plug with a thick sleeve
    ],
)
def test_a_part_that_is_too_large_is_found(low: solids.Point, high: solids.Point) -> None:
    assert any(solids.reaches_into(t, low, high) for t in [*BASE, *LID])


def test_a_part_within_a_wall_is_found() -> None:
    """No triangle of the wall touches a box inside it."""
    low, high = (29.5, 45.0, 3.0), (30.5, 46.0, 4.0)
    assert not any(solids.reaches_into(t, low, high) for t in BASE)
    assert solids.is_inside(BASE, (30.0, 45.5, 3.5))
    assert not solids.is_inside(BASE, (14.0, 45.5, 3.5))


def test_every_hole_of_the_board_has_a_standoff_that_carries_it() -> None:
    for x, y in F["holes_at"]:
        middle = -F["below"] / 2
        ring = (F["pilot"] + F["standoff"]) / 4
        assert solids.is_inside(BASE, (x + ring, y, middle))
        assert solids.is_inside(BASE, (x + ring, y, -0.05)), "up to the board"
        assert not solids.is_inside(BASE, (x + ring, y, 0.05)), "and no further"
        assert not solids.is_inside(BASE, (x, y, middle)), "the screw's way"
        assert solids.is_inside(BASE, (x, y, BOTTOM + 0.3)), "not through the floor"
        assert F["hole_diameter"] > F["pilot"]


def test_a_button_is_reached_through_the_wall_by_a_pin_that_cannot_fall_out() -> None:
    wide = F["board_width"] + F["gap_x"]
    for inner, outwards, name in ((-F["gap_x"], -1, "left"), (wide, 1, "right")):
        part = CASE.part(f"button, {name}")
        assert part.low[1] < F["button_y"] < part.high[1]
        assert part.low[2] < F["button_z"] < part.high[2]
        for depth in (0.1, 1.0, 1.9):
            x = inner + outwards * depth
            assert not solids.is_inside(BASE, (x, F["button_y"], F["button_z"])), "no way through"
            assert solids.is_inside(BASE, (x, F["button_y"] + F["pin_head"], F["button_z"]))
        # At the wall's inner face the way is as wide as the head, further out it is not.
        beside = F["button_y"] + F["pin_head"] / 2
        assert not solids.is_inside(BASE, (inner + outwards * 0.05, beside, F["button_z"]))
        assert solids.is_inside(BASE, (inner + outwards * 1.5, beside, F["button_z"]))
    low, high = solids.bounds(PRINTED["pin"])
    assert high[0] - low[0] == pytest.approx(F["pin_head"], abs=0.01)
    assert F["pin_head"] > F["pin"] + 2 * F["pin_gap"], "it would fall out"
    assert high[2] - low[2] == pytest.approx(F["wall"] + F["pin_out"] + F["nub_length"], abs=0.01)
    assert F["nub_length"] < F["gap_x"], "the board would not go in past it"


def test_the_light_and_the_air_have_their_ways_through_the_lid() -> None:
    middle = F["board_width"] / 2
    places = [tuple(F["light_at"]), *((middle, y) for y in F["vents_at"])]
    for x, y in places:
        assert not solids.is_inside(LID, (x, y, F["above"] + F["floor_thickness"] / 2))
    for y in F["vents_at"]:
        assert not solids.is_inside(BASE, (middle, y, BOTTOM + F["floor_thickness"] / 2))
    assert solids.is_inside(LID, (middle, 8.0, F["above"] + F["floor_thickness"] / 2))


def test_the_lid_goes_in_and_its_ridges_hold_it() -> None:
    """Its rim has air to the walls, its ridges reach into them, and the wall has room for those."""
    z = F["above"] - F["rim_depth"] + 1.2
    wall = F["board_width"] + F["gap_x"]
    for y in F["snap_at"]:
        ridge = (wall + 0.15, y + 0.1, z)
        assert solids.is_inside(LID, ridge)
        assert not solids.is_inside(BASE, ridge)
        assert solids.is_inside(BASE, (wall + 0.15, y + F["snap_length"], z))
    between = (wall - F["fit"] / 2, sum(F["snap_at"]) / 2, z)
    assert not solids.is_inside(LID, between) and not solids.is_inside(BASE, between)


def test_the_picture_is_small_and_a_picture() -> None:
    content = case.PICTURE.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack_from(">II", content, 16)
    assert width >= 800 and height >= 600
    assert len(content) < 200_000
