# _wg in a MicroPython build by CMake, as ESP-IDF's: the same lists of sources as micropython.mk. A port may set before:
#   WG_LWIP ON   the data path on lwIP, ../lwip with ../router, with its module; the port brings lwIP
#
# The sources join MicroPython's own (MICROPY_SOURCE_BOARD), not the interface library: everything that links such a library
# compiles its sources again, so ESP-IDF's program would, with none of the component's options (-O0), and would link those.
get_filename_component(WG_NATIVE "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

set(WG_FOLDERS core binding)
set(WG_MODULES modwg.c)
if(WG_LWIP)
    list(APPEND WG_FOLDERS router lwip carrier carrier/tls)
    list(APPEND WG_MODULES modcarrier.c modrouter.c modrouter_uplink.c modrouter_lan.c modrouter_stream.c modrouter_inside.c
         modrouter_sign_in.c modrouter_counters.c)
endif()

add_library(usermod_wg INTERFACE)
list(TRANSFORM WG_MODULES PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
list(APPEND MICROPY_SOURCE_BOARD ${WG_MODULES})

foreach(folder ${WG_FOLDERS})
    set(list_file "${WG_NATIVE}/${folder}/sources.txt")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list_file}")
    file(STRINGS "${list_file}" names REGEX "^[^#]+\\.c")
    list(TRANSFORM names STRIP)
    list(TRANSFORM names PREPEND "${WG_NATIVE}/${folder}/")
    list(APPEND MICROPY_SOURCE_BOARD ${names})
    target_include_directories(usermod_wg INTERFACE "${WG_NATIVE}/${folder}")
    # What each packet passes is for speed, whatever the rest of the firmware is for: a file's own options come last.
    set_source_files_properties(${names} PROPERTIES COMPILE_OPTIONS "-O2")
endforeach()
target_include_directories(usermod_wg INTERFACE "${CMAKE_CURRENT_LIST_DIR}")
target_link_libraries(usermod INTERFACE usermod_wg)
