# Installs this build, configures the outside project against it, builds it and runs its tests.
#   cmake -DBUILD=… -DSOURCE=… -DWORK=… -DCOMPILER=… -P outside.cmake
function(must)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "${ARGN} failed (${failed}):\n${said}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
must(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
must(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${WORK}/prefix)
must(${CMAKE_COMMAND} --build ${WORK}/build)
must(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --output-on-failure --no-tests=error)
file(READ ${WORK}/build/tickets.report.json report)
foreach(wanted "races/tickets/unlocked/tsan" "races/tickets/locked/native"
        "races/tickets/unlocked/explore" "tickets.cpp" "tsan.data-race")
  string(FIND "${report}" "${wanted}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "the outside project's report does not name ${wanted}")
  endif()
endforeach()
file(REMOVE_RECURSE ${WORK})
