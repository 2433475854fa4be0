# What is frozen into undertow-unix: the protocol, the device program, and the parts that only this port has.
import os

for base, name in (("../../lib", "wg"), ("../..", "box")):
    if os.path.isdir(os.path.join(base, name)):
        package(name, base_path=base)
if os.path.isdir("modules"):
    freeze("modules")
