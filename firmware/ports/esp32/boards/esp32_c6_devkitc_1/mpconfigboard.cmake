set(IDF_TARGET esp32c6)
include("${CMAKE_CURRENT_LIST_DIR}/../../board.cmake")
