"""clang for windowed Xtensa as a C compiler that make can call: `python xtensa_cc.py ARGUMENTS`.

clang's own assembler places literals at odd addresses and computes some L32R offsets wrongly
(LLVM 22), so that each file goes through assembly: the literals of a function move to a section of
their own in front of it, each value once, and the linker resolves what refers to them. What has a
short form, as GNU's assembler would choose it, gets that.

It is started once for each file of a firmware: it imports little, and nothing of ours.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence

CLANG = "clang-22"
ASSEMBLER = "llvm-mc-22"
LINKER = "xtensa-lx106-elf-ld"
TRIPLE = "xtensa-esp-elf"

# What QEMU's windowed cores have in common with the ESP32, as clang's names.
FEATURES = (
    *("density", "windowed", "mul16", "mul32", "nsa", "sext", "minmax", "loop", "bool", "s32c1i"),
    *("div32", "mac16", "clamps", "threadptr", "exception", "miscsr"),
)
# CCOUNT and interrupts, for those who are the operating system.
SYSTEM_FEATURES = ("timers3", "interrupt")

_LITERAL = re.compile(r"\s*\.literal\s+([^,]+),(.*)")
_FUNCTION = re.compile(r"\s*\.type\s+([\w.$]+),@function")
_TEXT = re.compile(r"\s*(\.section\s+\.text|\.text)")


# The operands of instructions that have a form of 2 bytes (the code density option).
_SHORT = {
    "or": re.compile(r"(a\d+), (a\d+), \2$"),
    "add": re.compile(r"a\d+, a\d+, a\d+$"),
    "addi": re.compile(r"a\d+, a\d+, (-1|[1-9]|1[0-5])$"),
    "movi": re.compile(r"a\d+, (-[1-9]|-[12]\d|-3[0-2]|\d|[1-8]\d|9[0-5])$"),
    "l32i": re.compile(r"a\d+, a\d+, (\d|[1-5]\d|60)$"),
    "s32i": re.compile(r"a\d+, a\d+, (\d|[1-5]\d|60)$"),
}


def compiler(features: Sequence[str] = FEATURES) -> list[str]:
    """The command that everything is compiled with, to assembly."""
    chosen = [
        word for name in features for word in ("-Xclang", "-target-feature", "-Xclang", f"+{name}")
    ]
    # A frame pointer costs the windowed ABI its sixth argument. The compiler does not say by itself
    # which ABI it uses.
    return [
        *(CLANG, f"--target={TRIPLE}", "-mcpu=generic", *chosen),
        *("-fomit-frame-pointer", "-D__XTENSA_WINDOWED_ABI__=1", "-nostdlibinc"),
    ]


def assembler() -> list[str]:
    """The command that makes an object of a file that llvm-mc understands."""
    return [ASSEMBLER, f"--triple={TRIPLE}", "-mcpu=esp32", "-filetype=obj"]


def linker() -> list[str]:
    """The command that links; what nothing refers to is left out."""
    # The ld for the ESP8266 also links windowed code, as long as it does not try to relax calls.
    return [LINKER, "--no-relax", "--gc-sections"]


def prepare(assembly: str) -> str:
    """clang's assembly as llvm-mc and GNU ld take it, and without what makes it long."""
    return shorten(separate_literals(assembly))


def shorten(assembly: str) -> str:
    """Give instructions their short form where there is one: a third less, and they do the same."""
    return "".join(_short_form(line) + "\n" for line in assembly.splitlines())


def _short_form(line: str) -> str:
    words = line.split("\t")
    if len(words) != 3 or words[0] or words[1] not in _SHORT:
        return line
    operands = words[2].split("#")[0].rstrip()
    found = _SHORT[words[1]].match(operands)
    if found is None:
        return line
    if words[1] == "or":
        return f"\tmov.n\t{found[1]}, {found[2]}"
    if words[1] in ("l32i", "s32i") and int(found[1]) % 4:
        return line
    return f"\t{words[1]}.n\t{operands}"


def separate_literals(assembly: str) -> str:
    """Move each function's literals to an aligned section `.literal.FUNCTION` in front of it.

    clang makes a literal of each use of a value; here they become one, with several names.
    Directives for unwinding frames are left out: llvm-mc does not know the registers in them.
    """
    out: list[str] = []
    literals: list[tuple[str, str]] = []
    text_at = 0
    for line in assembly.splitlines():
        if line.lstrip().startswith((".literal_position", ".cfi_")):
            continue
        literal = _LITERAL.match(line)
        if literal:
            literals.append((literal[1].strip(), literal[2].strip()))
            continue
        if _TEXT.match(line):
            text_at = len(out)
        function = _FUNCTION.match(line)
        if function and literals:
            section = f'\t.section .literal.{function[1]},"ax",@progbits'
            names: dict[str, str] = {}
            for name, value in literals:
                names[value] = names.get(value, "") + f"{name}:\n"
            longs = [f"{labels}\t.long {value}" for value, labels in names.items()]
            out[text_at:text_at] = [section, "\t.p2align 2", *longs]
            literals = []
        out.append(line)
    if literals:
        raise ValueError(f"literals without a function: {literals}")
    return "\n".join(out) + "\n"


def main(arguments: Sequence[str]) -> int:
    """What gcc would do with these arguments, as far as MicroPython's makefiles ask for it."""
    if "-c" not in arguments:
        return _preprocess_or_link(arguments)
    words = [word for word in arguments if word != "-c"]
    place = words.index("-o") + 1
    out, words[place] = words[place], "-"
    assembly = [word for word in words if word.endswith(".s")]
    if assembly:
        return subprocess.call([*assembler(), *assembly, "-o", out])
    command = compiler((*FEATURES, *SYSTEM_FEATURES))
    # The rule that -MD writes is for the object.
    compiled = subprocess.run([*command, *words, "-MT", out, "-S"], stdout=subprocess.PIPE)
    if compiled.returncode:
        return compiled.returncode
    text = prepare(compiled.stdout.decode()).encode()
    assembled = subprocess.run([*assembler(), "-", "-o", out], input=text)
    if assembled.returncode and os.path.exists(out):
        os.unlink(out)
    return assembled.returncode


def _preprocess_or_link(arguments: Sequence[str]) -> int:
    if not any(word.endswith(".o") for word in arguments):
        return subprocess.call([*compiler(), *arguments])
    words = [part for word in arguments for part in word.removeprefix("-Wl,").split(",")]
    return subprocess.call([*linker(), *words])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
