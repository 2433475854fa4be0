# What every board's mpconfigboard.cmake includes, after it has set IDF_TARGET. MicroPython reads it before ESP-IDF.
set(UNDERTOW_ESP32 "${CMAKE_CURRENT_LIST_DIR}")
get_filename_component(UNDERTOW_BOARD "${MICROPY_BOARD_DIR}" NAME)
if(NOT DEFINED UNDERTOW_DEV)
    set(UNDERTOW_DEV 0)
endif()

# Paths in these settings are relative to MicroPython's port, ours are not there.
if(UNDERTOW_ENCRYPTED)
    set(partitions "${MICROPY_BOARD_DIR}/partitions-encrypted.csv")
else()
    set(partitions "${MICROPY_BOARD_DIR}/partitions.csv")
endif()
file(WRITE "${CMAKE_BINARY_DIR}/sdkconfig.partitions" "\nCONFIG_PARTITION_TABLE_CUSTOM_FILENAME=\"${partitions}\"\n")

set(SDKCONFIG_DEFAULTS
    boards/sdkconfig.base
    "${UNDERTOW_ESP32}/sdkconfig.common"
    "${UNDERTOW_ESP32}/sdkconfig.${IDF_TARGET}"
    "${MICROPY_BOARD_DIR}/sdkconfig.board"
    "${CMAKE_BINARY_DIR}/sdkconfig.partitions"
)
if(UNDERTOW_ENCRYPTED)
    list(APPEND SDKCONFIG_DEFAULTS "${UNDERTOW_ESP32}/sdkconfig.encrypted.${IDF_TARGET}")
endif()

set(MICROPY_FROZEN_MANIFEST "${UNDERTOW_ESP32}/manifest.py")
set(MICROPY_USER_LDFRAGMENTS "${UNDERTOW_ESP32}/linker.lf")

# For all of the main component, also where MicroPython looks for names.
foreach(list definitions.txt definitions.${IDF_TARGET}.txt)
    if(EXISTS "${UNDERTOW_ESP32}/${list}")
        file(STRINGS "${UNDERTOW_ESP32}/${list}" definitions REGEX "^[^#]")
        list(TRANSFORM definitions REPLACE " .*" "")
        list(APPEND MICROPY_DEF_BOARD ${definitions})
    endif()
endforeach()
list(APPEND MICROPY_DEF_BOARD "UNDERTOW_DEV=${UNDERTOW_DEV}" "UNDERTOW_BOARD=\"${UNDERTOW_BOARD}\"")

# No chip is a USB device here. MicroPython would compile its stack for that on an ESP32-S3 all the same.
set(MICROPY_PY_TINYUSB OFF)

# For every component: subfolders inherit what this folder has. And for the main one by name: what MicroPython preprocesses to
# look for names gets a target's own definitions alone.
file(STRINGS "${UNDERTOW_ESP32}/lwip_definitions.txt" definitions REGEX "^[^#]")
foreach(definition ${definitions})
    string(REGEX REPLACE " .*" "" definition "${definition}")
    add_compile_definitions("${definition}")
    list(APPEND MICROPY_DEF_BOARD "${definition}")
endforeach()
