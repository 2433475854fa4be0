set(IDF_TARGET esp32s3)
include("${CMAKE_CURRENT_LIST_DIR}/../../board.cmake")
