# This port's C, and everything it links, as one user module of MicroPython: USER_C_MODULES is this file.
set(WG_LWIP ON)
include("${CMAKE_CURRENT_LIST_DIR}/../../native/mpy/micropython.cmake")

set(UNDERTOW_ESP32 "${CMAKE_CURRENT_LIST_DIR}")
file(STRINGS "${UNDERTOW_ESP32}/sources.txt" lines REGEX "^[^#]")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${UNDERTOW_ESP32}/sources.txt")
add_library(usermod_undertow INTERFACE)
foreach(line ${lines})
    string(REGEX REPLACE " .*" "" name "${line}")
    get_filename_component(path "${UNDERTOW_ESP32}/${name}" ABSOLUTE)
    list(APPEND MICROPY_SOURCE_BOARD "${path}")
endforeach()
target_include_directories(usermod_undertow INTERFACE "${UNDERTOW_ESP32}")
target_link_libraries(usermod INTERFACE usermod_undertow)
# ESP-IDF's Mbed TLS, with what native/carrier/tls/cr_fragment.c knows of it, which its component does not show to others.
if(DEFINED ENV{IDF_PATH})
    target_include_directories(usermod_undertow INTERFACE "$ENV{IDF_PATH}/components/mbedtls/mbedtls/library")
endif()
set_source_files_properties("${UNDERTOW_ESP32}/intake.c" PROPERTIES COMPILE_OPTIONS "-O2")

# In place of MicroPython's own: how far Python's heap grows (memory.c), and where print() goes in a release (console.c).
target_link_options(usermod_undertow INTERFACE
    "-Wl,--wrap=gc_get_max_new_split" "-Wl,--undefined=__wrap_gc_get_max_new_split")
if(NOT UNDERTOW_DEV)
    target_link_options(usermod_undertow INTERFACE
        "-Wl,--wrap=mp_hal_stdout_tx_strn" "-Wl,--undefined=__wrap_mp_hal_stdout_tx_strn")
endif()
