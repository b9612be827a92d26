# How a target is compiled: warnings, and which sanitizer watches it. Applied target by target, never
# through CMAKE_CXX_FLAGS, since one build tree holds programs with and without a sanitizer.

set(CONTEND_SANITIZE "none" CACHE STRING "none, thread, or address,undefined")
set_property(CACHE CONTEND_SANITIZE PROPERTY STRINGS none thread address,undefined)
option(CONTEND_WARNINGS_AS_ERRORS "Fail on a compiler warning" OFF)
option(CONTEND_COVERAGE "Count the lines that run" OFF)
option(CONTEND_BENCHMARKS "Build the benchmarks" OFF)

# One build tree holds all that `contend run` starts, so in every preset something is built for
# ThreadSanitizer too; but not in the one that looks for other defects and runs no pipeline, nor where
# clang-tidy reads along, for which once is enough.
set(CONTEND_ALSO thread)
if(CONTEND_SANITIZE STREQUAL "address,undefined" OR CMAKE_CXX_CLANG_TIDY)
  set(CONTEND_ALSO)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CONTEND_LIBEXEC_DIR ${PROJECT_BINARY_DIR}/libexec/contend)

# Stock GCC 12 and clang 14 runtimes cannot live with much address randomisation, so ctest starts
# sanitized programs without it where the machine permits that.
find_program(CONTEND_SETARCH setarch)
if(CONTEND_SETARCH)
  execute_process(COMMAND ${CONTEND_SETARCH} -R true RESULT_VARIABLE contend_setarch_failed
                  OUTPUT_QUIET ERROR_QUIET)
endif()

file(RELATIVE_PATH contend_way_to_source ${CMAKE_BINARY_DIR} ${PROJECT_SOURCE_DIR})
string(REGEX REPLACE "/$" "" contend_way_to_source "${contend_way_to_source}")

# gcovr looks for a source where the compiler says that it found it.
set(contend_prefix_maps file)
if(CONTEND_COVERAGE)
  set(contend_prefix_maps debug macro)
endif()

# contend_instrument(TARGET SANITIZER): SANITIZER is none, thread, or address,undefined.
function(contend_instrument target sanitizer)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers  # designated initialisers name what differs from the default
    $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>  # files compiled together see each other's names
    # and one that is included may not hold what only it can name
    $<$<AND:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
    $<$<BOOL:${CONTEND_WARNINGS_AS_ERRORS}>:-Werror>)
  foreach(map IN LISTS contend_prefix_maps)
    target_compile_options(${target} PRIVATE
      -f${map}-prefix-map=${PROJECT_SOURCE_DIR}/=
      -f${map}-prefix-map=${contend_way_to_source}/=  # compiler caches make paths relative
      -f${map}-prefix-map=${CMAKE_BINARY_DIR}=.)      # the folder that relative paths start from
  endforeach()
  target_compile_definitions(${target} PRIVATE
    $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
  if(sanitizer STREQUAL "none")
    return()
  endif()
  # Functions and lines are all that a stack names; the rest of -g is a fifth of the compiler's time, and
  # so is what -O2 finds beyond -O1.
  target_compile_options(${target} PRIVATE -fsanitize=${sanitizer} -fno-omit-frame-pointer -g1
    $<$<NOT:$<CONFIG:Debug>>:-O1>)
  target_link_options(${target} PRIVATE -fsanitize=${sanitizer})
  if(sanitizer STREQUAL "thread")
    # g++ warns that its ThreadSanitizer does not model fences; Boost.Asio has one in a header.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  else()
    # clang 14 calls coroutine resume functions through another type than it declares them with, and its check of
    # virtual calls probes memory through a pipe: where no descriptor is left it accuses every object.
    target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined
      $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function,vptr>)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE" AND CONTEND_SETARCH AND NOT contend_setarch_failed)
    if(CMAKE_VERSION VERSION_LESS 3.29)
      set_property(TARGET ${target} PROPERTY CROSSCOMPILING_EMULATOR "${CONTEND_SETARCH};-R")
    else()
      set_property(TARGET ${target} PROPERTY TEST_LAUNCHER "${CONTEND_SETARCH};-R")
    endif()
  endif()
endfunction()

# contend_count(TARGET): in the preset coverage, count its lines that run. Not of what a sanitizer or the explorer
# calls: a counter there would be an access of its own.
function(contend_count target)
  if(CONTEND_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage -fprofile-update=atomic)
    target_link_options(${target} PUBLIC --coverage)
  endif()
endfunction()
