# What is frozen into the firmware that runs tests/wg on bare RV32; the tests themselves come in memory.
package("wg", base_path="../../lib")
