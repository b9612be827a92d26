# find_package(contend): the tools, and experiments of your own under every lens.
#
#   find_package(contend REQUIRED)
#   contend_add_experiments(counters SOURCES counters.cpp)
#
# builds counters-native, counters-tsan and counters-explore from sources that define
# contend::races::catalogue() (see <contend/races.hpp>), and adds the test `counters`, which runs every
# experiment in all three.

get_filename_component(CONTEND_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(CONTEND_RUNNER_DIR "${CONTEND_PREFIX}/share/contend")

if(NOT TARGET contend::races)
  find_program(CONTEND_RACES races PATHS "${CONTEND_PREFIX}/bin" NO_DEFAULT_PATH REQUIRED)
  add_executable(contend::races IMPORTED)
  set_property(TARGET contend::races PROPERTY IMPORTED_LOCATION "${CONTEND_RACES}")
endif()

# The explorer's runtime in place of ThreadSanitizer's: link it to any program of yours, and
# `races explore -- PROGRAM` chooses its schedules.
if(NOT TARGET contend::explore)
  find_package(Threads REQUIRED)
  add_library(contend::explore INTERFACE IMPORTED)
  target_compile_options(contend::explore INTERFACE -fsanitize=thread -fno-omit-frame-pointer -g
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-tsan>
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-mllvm -tsan-instrument-read-before-write=1>"
    "$<$<COMPILE_LANG_AND_ID:C,Clang>:SHELL:-mllvm -tsan-instrument-read-before-write=1>")
  target_link_libraries(contend::explore INTERFACE
    -Wl,--whole-archive "${CONTEND_PREFIX}/lib/libcontend_explore.a" -Wl,--no-whole-archive
    Threads::Threads ${CMAKE_DL_LIBS})
endif()

# contend_add_experiments(NAME SOURCES … [TIME T] [LINK …])
#   TIME  the most one experiment may take under one lens (races run --time, 30s)
#   LINK  libraries that the experiments need; they are not instrumented
function(contend_add_experiments name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIME" "SOURCES;LINK")
  if(NOT arg_TIME)
    set(arg_TIME 30s)
  endif()
  find_package(Threads REQUIRED)
  set(runner canary main meeting pace stress sweep watch wire)
  list(TRANSFORM runner REPLACE "(.+)" "${CONTEND_RUNNER_DIR}/races/runner/\\1.cpp")
  # In ThreadSanitizer's hook nothing may be instrumented.
  add_library(${name}-hook OBJECT "${CONTEND_RUNNER_DIR}/races/runner/tsan_hook.cpp")
  target_include_directories(${name}-hook PRIVATE "${CONTEND_RUNNER_DIR}")
  target_compile_features(${name}-hook PRIVATE cxx_std_20)
  add_executable(${name}-native ${arg_SOURCES} ${runner}
    "${CONTEND_RUNNER_DIR}/races/runner/no_hook.cpp")
  add_executable(${name}-tsan ${arg_SOURCES} ${runner} $<TARGET_OBJECTS:${name}-hook>)
  add_executable(${name}-explore ${arg_SOURCES}
    "${CONTEND_RUNNER_DIR}/races/runner/canary.cpp"
    "${CONTEND_RUNNER_DIR}/races/runner/explore_main.cpp")
  target_link_libraries(${name}-explore PRIVATE contend::explore)
  foreach(program ${name}-native ${name}-tsan ${name}-explore)
    target_include_directories(${program} PRIVATE
      "${CONTEND_PREFIX}/include" "${CONTEND_RUNNER_DIR}")
    target_compile_features(${program} PRIVATE cxx_std_20)
    # Optimised in every configuration: an unoptimised race is another race.
    target_compile_options(${program} PRIVATE -O2 -g
      $<$<CXX_COMPILER_ID:GNU>:-fno-ipa-icf -Wno-tsan> $<$<CXX_COMPILER_ID:Clang>:-gdwarf-4>)
    target_link_libraries(${program} PRIVATE ${arg_LINK} Threads::Threads)
  endforeach()
  target_compile_options(${name}-tsan PRIVATE -fsanitize=thread)
  target_link_options(${name}-tsan PRIVATE -fsanitize=thread)
  add_test(NAME ${name} COMMAND contend::races run --time ${arg_TIME} --modes native,tsan,explore
    --catalogue "$<TARGET_FILE_DIR:${name}-native>/${name}" --json ${name}.report.json)
endfunction()
