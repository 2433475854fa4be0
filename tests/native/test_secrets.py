"""No branch and no address depends on a secret.

On this machine by valgrind, which takes the secrets in secrets.c for uninitialised memory, and on
the small CPUs by the compiled code itself: each conditional branch in the functions that handle
secrets is one that is known, and known to depend on lengths and addresses only.
"""

import re
import subprocess

import pytest

from undertow import native_tests, paths
from undertow.bench.instructions import PRIMITIVES, RV32_GCC, SHAPE, compile_primitive
from undertow.build import xtensa
from undertow.run import run
from undertow.setup import packages

VALGRIND = ("valgrind", "-q", "--error-exitcode=9")
SUPPRESSIONS = native_tests.FOLDER / "secrets.supp"
OPERATIONS = (
    "seal",
    "open",
    "x25519",
    "hash",
    "kdf",
    "sha256",
    "pairing",
    "shape",
    "shapes",
    "compare",
)
# All that handles secrets: what packets and handshakes need, and what pairing does.
WATCHED = (*PRIMITIVES, *SHAPE, "sha256", "pairing")
# And what no board does: many at once.
WATCHED_HERE = (*WATCHED, "chacha20_heads", "shape_many")
VARIANTS = ("carry", "nocarry", *(["wide"] if native_tests.wide_substitutes() else []))

BRANCHES = {
    "rv32": re.compile(r"\tb(?:eq|ne|lt|ge|gt|le)u?z?\s"),
    "xtensa": re.compile(r"\tb(?:eq|ne|lt|ge|all|any|bc|bs|nall|none)[uiz]*(?:\.n)?\s|\tloop"),
}

# The compilers that the numbers below were read from.
COMPILERS = {"rv32": (RV32_GCC, "12.2"), "xtensa": (xtensa.CLANG, "22.1")}

# How many conditional branches each function has, on RV32 and on Xtensa, and what decides them. All
# other functions have none. A compiler that makes a branch of a carry changes a number; the number
# of a function that was changed is to be set only after reading its branches.
BRANCHES_KNOWN = {
    "wipe: wg_equal": (2, 2),  # length
    "wipe: wg_is_zero": (2, 2),  # length
    "chacha20: wg_chacha20_begin": (2, 1),  # the key's address, index
    "chacha20: wg_chacha20_next": (8, 8),  # lengths, addresses, rounds
    "chacha20: wg_hchacha20": (1, 1),  # index
    "poly1305: wg_poly1305_init": (3, 2),  # the key's address, index
    "poly1305: wg_poly1305_update": (7, 7),  # lengths
    "poly1305: blocks": (3, 3),  # number of blocks, the data's address
    "poly1305: wg_poly1305_finish": (2, 1),  # length of the last block, index
    "aead: absorb_padded": (1, 0),  # length
    "aead: authenticate": (0, 3),  # lengths
    "aead: wg_aead_seal_padded": (4, 2),  # lengths
    "aead: wg_aead_open": (3, 2),  # lengths, and whether the tag was right
    "blake2s: wg_blake2s_init": (1, 1),  # whether there is a key
    "blake2s: wg_blake2s_update": (4, 4),  # lengths
    "blake2s: wg_blake2s_finish": (0, 1),  # number of bytes hashed
    "blake2s: wg_blake2s": (1, 6),  # lengths, whether there is a key
    "blake2s: compress": (1, 1),  # rounds
    "kdf: begin": (2, 0),  # length of the key
    "kdf: hmac": (1, 5),  # lengths, rounds
    "kdf: wg_kdf": (3, 3),  # which outputs are wanted
    "x25519: wg_x25519": (23, 1),  # number of the bit, of squarings and of limbs
    "x25519: field_square_times": (0, 1),  # number of squarings
    "sha256: wg_sha256_update": (8, 6),  # lengths, rounds
    "sha256: wg_sha256_finish": (2, 1),  # length, index
    "sha256: begin": (1, 0),  # index
    "sha256: end": (0, 1),  # index
    "sha256: wg_hmac_sha256": (2, 3),  # length of the key, index
    "sha256: wg_hkdf_sha256_expand": (3, 4),  # lengths, number of the block, index
    "chacha20_head: wg_chacha20_head": (2, 2),  # rounds, whether spare bytes are wanted
    "shape: wg_shape_init": (18, 66),  # settings, whether there is a key
    "shape: take_random": (4, 0),  # length, what is left of the block
    "shape: xor_message": (1, 0),  # index
    "shape: wg_shape_wrap": (17, 31),  # kind, lengths, addresses, settings
    "shape: wg_shape_open": (34, 34),  # lengths, addresses, settings, what kind it is
    "pairing: wg_pairing_agree": (1, 1),  # whether their key shares a secret at all
    "pairing: wg_pairing_confirmation": (1, 1),  # which end's
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """secrets.c with each variant of the core, optimised as it is shipped."""
    packages.ensure("build", "test")
    folder = tmp_path_factory.mktemp("secrets")
    built = {}
    for variant in VARIANTS:
        wide = native_tests.wide_substitutes() if variant == "wide" else {}
        files = [paths.CORE / f"wg_{name}.c" for name in WATCHED_HERE]
        flags = ["-std=c11", "-O2", "-g", f"-I{paths.CORE}", f"-I{native_tests.WIDE}"]
        flags += ["-DWG_WITHOUT_CARRY"] if variant == "nocarry" else []
        built[variant] = folder / variant
        sources = [native_tests.FOLDER / "secrets.c", *(wide.get(file, file) for file in files)]
        run(["gcc", *flags, *sources, "-o", built[variant]], why="to watch how it uses secrets")
    return built


def watch(program, operation):
    command = [*VALGRIND, f"--suppressions={SUPPRESSIONS}", program, operation]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_branch_and_no_address_depends_on_a_secret(programs, variant, operation):
    watched = watch(programs[variant], operation)
    assert watched.returncode == 0, watched.stderr


@pytest.mark.parametrize("operation", ["leaky_branch", "leaky_index"])
def test_a_leak_is_noticed(programs, operation):
    assert watch(programs["carry"], operation).returncode == 9


def branches(target, folder):
    """The number of conditional branches of each function of the primitives that has any."""
    found = {}
    for primitive in WATCHED:
        _, assembly = compile_primitive(target, primitive, folder)
        function = None
        for line in assembly.splitlines():
            label = re.match(r"([a-z]\w+):", line)
            if label:
                function = label[1]
            elif BRANCHES[target].match(line):
                name = f"{primitive}: {function}"
                found[name] = found.get(name, 0) + 1
    return found


@pytest.mark.parametrize(("column", "target"), list(enumerate(COMPILERS)))
def test_compiled_code_has_only_known_branches(column, target, tmp_path):
    packages.ensure("boards")
    compiler, version = COMPILERS[target]
    if version not in run([compiler, "--version"], why="to know its code").splitlines()[0]:
        pytest.skip(f"the branches are known for {compiler} {version} only")
    known = {name: numbers[column] for name, numbers in BRANCHES_KNOWN.items() if numbers[column]}
    assert branches(target, tmp_path) == known
