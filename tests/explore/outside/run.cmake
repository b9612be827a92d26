# Configures and builds the outside project in FOLDER, then explores its test with RACES: the seat sold
# twice must be found and its schedule replayed, the sound test must be proved.
function(expect code)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE got OUTPUT_VARIABLE out
                  ERROR_VARIABLE out)
  if(NOT got EQUAL code)
    message(FATAL_ERROR "expected exit ${code}, got ${got}: ${ARGN}\n${out}")
  endif()
endfunction()

file(MAKE_DIRECTORY ${FOLDER})
expect(0 ${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR} -B ${FOLDER}/build
       -DCMAKE_CXX_COMPILER=${COMPILER} -DCONTEND_SOURCE=${SOURCE})
expect(0 ${CMAKE_COMMAND} --build ${FOLDER}/build --target ticket_test)
expect(0 build/ticket_test)
expect(1 ${RACES} explore -- build/ticket_test)
expect(1 ${RACES} replay ticket_test.schedule.json)
expect(0 ${RACES} explore -- build/ticket_test --gtest_filter=*counts_down)
