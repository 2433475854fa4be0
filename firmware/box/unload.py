"""Giving back the memory of modules that are needed for a moment in a box's life.

Their code is in flash; what a module takes of the heap are its names and classes.
"""

import sys

# What box.pair loads and nothing else uses.
PAIRING_MODULES = (
    "box.pair",
    "box.pair_run",
    "box.tunnel_text",
    "pairing.code",
    "pairing.info",
    "pairing.messages",
    "pairing.session",
    "pairing.words",
)
# What reads documents (box.reading).
READING_MODULES = (
    "box.box_checks",
    "box.box_document",
    "box.box_values",
    "box.quoted",
    "box.tunnel_document",
    "wg.config",
    "wg.config_carriers",
    "wg.config_keywords",
    "wg.config_lines",
    "wg.config_quoted",
    "wg.config_reader",
    "wg.config_shape",
    "wg.config_values",
    "wg.config_writer",
    "wg.shape_lint",
)
# What opens streams, and what says how that goes, in words.
OPENING_MODULES = ("carrier.http", "carrier.proxy", "carrier.socks5", "carrier.websocket")
WORDS_MODULES = ("box.climb_words",)
# And what the doctor does.
DOCTOR_MODULES = (
    "box.doctor",
    "box.doctor_answer",
    "box.doctor_gateway",
    "box.doctor_steps",
    "box.doctor_stream",
    "box.doctor_way",
    "box.sign_in_search",
    "ut1.doctor_code",
    "ut1.doctor_words",
)

# What looks for a network's sign-in page.
SIGN_IN_MODULES = (
    "box.sign_in_search",
    "box.doctor_answer",
    "box.doctor_stream",
    "carrier.http",
)


def unload(names: "tuple[str, ...]") -> None:
    """Forget these modules where they are frozen and cost nothing to load again."""
    if sys.implementation.name != "micropython":
        return  # CPython has the memory, and its tests hold on to classes
    for name in names:
        package, _, last = name.rpartition(".")
        module = sys.modules.get(name)
        if module is not None:
            del sys.modules[name]
            if hasattr(sys.modules[package], last):
                delattr(sys.modules[package], last)
