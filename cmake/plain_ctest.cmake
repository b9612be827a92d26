# `cmake --preset X && ctest`, typed in the source root: a plain ctest there would find no tests and
# exit 0. This writes the (ignored) file that ctest reads first: it builds the preset configured last,
# stops if that fails, and goes on to its tests.
if(PROJECT_BINARY_DIR STREQUAL PROJECT_SOURCE_DIR)
  message(FATAL_ERROR "Build in a folder of its own: cmake --preset dev")
endif()
cmake_path(IS_PREFIX PROJECT_SOURCE_DIR ${PROJECT_BINARY_DIR} contend_build_is_inside)
if(contend_build_is_inside)
  file(CONFIGURE OUTPUT ${PROJECT_SOURCE_DIR}/CTestTestfile.cmake @ONLY CONTENT [[
execute_process(COMMAND "@CMAKE_COMMAND@" --build "@PROJECT_BINARY_DIR@" RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the build in @PROJECT_BINARY_DIR@ failed, so there is nothing to test")
endif()
if(NOT EXISTS "@PROJECT_BINARY_DIR@/tests/CTestTestfile.cmake")
  message(FATAL_ERROR "no tests in @PROJECT_BINARY_DIR@")
endif()
subdirs("@PROJECT_BINARY_DIR@")
]])
endif()
