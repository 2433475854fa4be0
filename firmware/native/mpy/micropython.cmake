# _wg in a MicroPython build by CMake, as ESP-IDF's: the same lists of sources as micropython.mk. Not yet: the data path on lwIP
# (WG_LWIP there).
get_filename_component(WG_NATIVE "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

add_library(usermod_wg INTERFACE)
target_sources(usermod_wg INTERFACE "${CMAKE_CURRENT_LIST_DIR}/modwg.c")

foreach(folder core binding)
    set(list_file "${WG_NATIVE}/${folder}/sources.txt")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${list_file}")
    file(STRINGS "${list_file}" names REGEX "^[^#]+\\.c")
    list(TRANSFORM names STRIP)
    list(TRANSFORM names PREPEND "${WG_NATIVE}/${folder}/")
    target_sources(usermod_wg INTERFACE ${names})
endforeach()

target_include_directories(usermod_wg INTERFACE
    "${WG_NATIVE}/core" "${WG_NATIVE}/binding" "${CMAKE_CURRENT_LIST_DIR}")
target_link_libraries(usermod INTERFACE usermod_wg)
