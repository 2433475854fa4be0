# What is frozen into the firmware of the portable tests; the tests themselves come in memory.
package("wg", base_path="../../lib")
package("ut1", base_path="../../lib")
package("pairing", base_path="../../lib")
package("improv", base_path="../../lib")
package("carrier", base_path="../../lib")
package("dhcp", base_path="../../lib")
package("box", base_path="../..")
