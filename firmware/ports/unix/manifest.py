# What is frozen into undertow-unix: the protocol, the device program, this port's own parts.
package("wg", base_path="../../lib")
package("ut1", base_path="../../lib")
package("pairing", base_path="../../lib")
package("improv", base_path="../../lib")
package("carrier", base_path="../../lib")
package("box", base_path="../..")
freeze("modules")
