// A case in three parts for a board: base, lid, and a pin for each button. All figures are in the other file, which
// `./invoke hardware` makes of the board's TOML. Millimetres; the origin is the board's corner, at its underside.
//
//     openscad -D 'part="base"' -o base.stl case.scad
//
// part: "base", "lid", "pin" (as they are printed), "picture" (all of it, taken apart).
include <olimex_esp32_poe.scad>

part = "picture";
$fn = 40;
tiny = 0.01; // by which what is cut away stands over

// The room inside, and the outside of it.
left = -gap_x;
right = board_width + gap_x;
front = -gap_front;
back = board_length + gap_antenna;
bottom = -below - floor_thickness;
top = above + floor_thickness;

module rounded(from, to, radius) {
    hull() for (x = [from.x + radius, to.x - radius], y = [from.y + radius, to.y - radius])
        translate([x, y, from.z]) cylinder(r = radius, h = to.z - from.z);
}

module box(from, to) {
    translate(from) cube(to - from);
}

module room(from_z, to_z, inset = 0) {
    rounded([left + inset, front + inset, from_z], [right - inset, back - inset, to_z], corner - wall / 2);
}

module outside(from_z, to_z) {
    rounded([left - wall, front - wall, from_z], [right + wall, back + wall, to_z], corner + wall / 2);
}

// A ridge along each long side, at `snap_at`: on the lid's rim it stands out, in the base's wall it is cut out.
module snaps(radius, length) {
    for (x = [left + fit, right - fit], y = snap_at)
        translate([x, y - length / 2, above - rim_depth + 1.2]) rotate([-90, 0, 0])
            cylinder(r = radius, h = length, $fn = 16);
}

module vents(from_z, to_z) {
    middle = board_width / 2;
    for (y = vents_at)
        hull() for (x = [middle - vent_length / 2, middle + vent_length / 2])
            translate([x, y, from_z]) cylinder(d = vent, h = to_z - from_z, $fn = 16);
}

// A button's pin, its axis along z, the outer end first. Printed as it stands.
head_length = (pin_head - pin) / 2;
stem_length = wall - head_length + pin_out;

module button_pin() {
    cylinder(d = pin, h = stem_length);
    translate([0, 0, stem_length]) cylinder(d1 = pin, d2 = pin_head, h = head_length);
    translate([0, 0, stem_length + head_length - tiny]) cylinder(d = nub, h = nub_length + tiny);
}

// Its way through the wall that begins at z = 0 and ends within at z = wall.
module pin_way() {
    translate([0, 0, -tiny]) cylinder(d = pin + 2 * pin_gap, h = wall);
    translate([0, 0, wall - head_length])
        cylinder(d1 = pin + 2 * pin_gap, d2 = pin_head + 2 * pin_gap + 2 * tiny, h = head_length + tiny);
}

// What is made for the left wall, in both.
module in_both_walls() {
    translate([left - wall, button_y, button_z]) rotate([0, 90, 0]) children();
    translate([right + wall, button_y, button_z]) rotate([0, -90, 0]) children();
}

module base() {
    difference() {
        union() {
            difference() {
                outside(bottom, above);
                room(-below, above + tiny);
            }
            for (at = holes_at) translate([at.x, at.y, -below - tiny]) cylinder(d = standoff, h = below + tiny);
        }
        for (at = holes_at) translate([at.x, at.y, -below - floor_thickness / 2]) cylinder(d = pilot, h = 20);
        // The RJ45 socket stands out of the board, so its way in is open above; the lid closes it.
        box([jack_from.x - jack_gap, front - wall - tiny, jack_from.z - jack_gap],
            [jack_to.x + jack_gap, front + corner, above + tiny]);
        box([left - wall - tiny, plug_from.y - plug_gap, plug_from.z - plug_gap],
            [left + corner, plug_to.y + plug_gap, plug_to.z + plug_gap]);
        snaps(snap + 0.15, snap_length + 1);
        in_both_walls() pin_way();
        vents(bottom - tiny, -below + tiny);
    }
}

module lid() {
    difference() {
        union() {
            outside(above, top);
            difference() {
                union() {
                    difference() {
                        room(above - rim_depth, above + tiny, fit);
                        room(above - rim_depth - tiny, above + 2 * tiny, fit + rim);
                    }
                    intersection() {
                        snaps(snap, snap_length);
                        box([left - wall, front, above - rim_depth], [right + wall, back, above]);
                    }
                }
                // No rim where the socket is.
                box([jack_from.x - 1, front - wall, above - rim_depth - 1], [right + wall, jack_to.y, above]);
            }
        }
        translate([light_at.x, light_at.y, above - tiny]) cylinder(d = light, h = floor_thickness + 1);
        box([uext_from.x - uext_gap, uext_from.y - uext_gap, above - tiny],
            [uext_to.x + uext_gap, uext_to.y + uext_gap, top + tiny]);
        vents(above - tiny, top + tiny);
    }
}

module board() {
    color("darkgreen") difference() {
        cube([board_width, board_length, board_thickness]);
        for (at = holes_at) translate([at.x, at.y, -1]) cylinder(d = 2.2, h = 4);
    }
    color("silver") box([jack_from.x, -3.5, jack_from.z], jack_to);
    color("silver") box(usb_from, usb_to);
    color([0.15, 0.15, 0.15]) box([uext_from.x, uext_from.y, board_thickness], [uext_to.x, uext_to.y, uext_from.z]);
    color([0.7, 0.7, 0.72]) box(module_from, [module_to.x, board_length, module_to.z]);
    color([0.1, 0.1, 0.1]) box([module_from.x, board_length, module_from.z], [module_to.x, module_to.y - 2, 2.6]);
    for (x = [0.4, board_width - 3.4]) color("white") translate([x, button_y - 2, board_thickness]) cube([3, 4, 2]);
}

if (part == "base") translate([0, 0, -bottom]) base();
if (part == "lid") translate([0, 0, top]) rotate([180, 0, 0]) lid();
if (part == "pin") button_pin();
if (part == "fitted") { base(); lid(); }
if (part == "picture") {
    color([0.93, 0.62, 0.25]) base();
    translate([0, 0, 12]) board();
    color([0.93, 0.72, 0.42]) translate([0, 0, 42]) lid();
    translate([0, 0, 24]) color([0.3, 0.45, 0.7]) in_both_walls() translate([0, 0, 2]) button_pin();
}
