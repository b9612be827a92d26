# Runs at build time: cmake -DNPM=… -DNODE=… -DPAGE=folder -DOUT=file.cpp -P page.cmake
# Installs the page's two libraries and bundles them. Where that cannot be done, says so once and takes
# the page without charts.
if(NPM AND NODE)
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --silent
    WORKING_DIRECTORY ${PAGE} RESULT_VARIABLE failed)
  if(NOT failed)
    execute_process(COMMAND ${NODE} build.mjs ${OUT} WORKING_DIRECTORY ${PAGE} RESULT_VARIABLE failed)
  endif()
  if(NOT failed)
    return()
  endif()
endif()
message(STATUS "contend: npm or its registry is not at hand, so HTML reports will have no charts")
configure_file(${PAGE}/no_script.cpp ${OUT} COPYONLY)
