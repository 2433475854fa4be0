# What is frozen into the firmware that runs tests/wg; the tests themselves come in memory.
package("wg", base_path="../../lib")
