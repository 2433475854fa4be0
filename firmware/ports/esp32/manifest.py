# What is frozen into a board: the protocols, the device program, what joins networks, and what
# starts it. Nothing of MicroPython's own: no file of a file system is ever run.
package("wg", base_path="../../lib")
package("ut1", base_path="../../lib")
package("dhcp", base_path="../../lib")
package("pairing", base_path="../../lib")
package("improv", base_path="../../lib")
package("carrier", base_path="../../lib")
package("box", base_path="../..")
freeze("modules")
freeze("boot")
freeze("$(BOARD_DIR)/modules")
