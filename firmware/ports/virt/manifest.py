# What is frozen into an emulated board: the protocols, the device program, and what starts it.
package("wg", base_path="../../lib")
package("ut1", base_path="../../lib")
package("pairing", base_path="../../lib")
package("improv", base_path="../../lib")
package("carrier", base_path="../../lib")
package("dhcp", base_path="../../lib")
package("box", base_path="../..")
freeze("modules")
