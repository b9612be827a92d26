# One function for each kind of thing a room is made of. A library may be wanted under more than one
# sanitizer in a single build tree: contend::core follows the preset, contend::core_thread is always
# built for ThreadSanitizer, contend::core_none never.

# contend_library(NAME SOURCES … [USES …] [LINK …] [ALSO none|thread …])
#   USES  our own libraries, by bare name; the same variant of each is linked.
#   LINK  other people's targets.
#   ALSO  further sanitizers to build the library for, besides the preset's.
function(contend_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;LINK;ALSO")
  set(arg_ALSO ${CONTEND_SANITIZE} ${arg_ALSO})
  list(REMOVE_DUPLICATES arg_ALSO)
  foreach(sanitizer IN LISTS arg_ALSO)
    string(REPLACE "," "_" variant ${sanitizer})
    if(sanitizer STREQUAL CONTEND_SANITIZE)
      set(target contend_${name})
      add_library(${target} STATIC ${arg_SOURCES})
      add_library(contend::${name} ALIAS ${target})
    else()
      set(target contend_${name}_${variant})
      add_library(${target} STATIC ${arg_SOURCES})
      set_property(TARGET ${target} PROPERTY UNITY_BUILD ON)  # the same sources, once more
    endif()
    add_library(contend::${name}_${variant} ALIAS ${target})
    target_include_directories(${target} PUBLIC
      ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
    contend_instrument(${target} ${sanitizer})
    if(sanitizer STREQUAL "none")
      contend_count(${target})
    endif()
    foreach(used IN LISTS arg_USES)
      target_link_libraries(${target} PUBLIC contend::${used}_${variant})
    endforeach()
    target_link_libraries(${target} PUBLIC ${arg_LINK})
  endforeach()
endfunction()

# All programs and nothing else: what a run needs, without the tests.
add_custom_target(programs)

# contend_program(NAME SOURCES … USES … [LINK …] [SANITIZER S] [LIBEXEC])
#   A program built under sanitizer S (the preset's by default), into bin/ or libexec/contend/.
function(contend_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "LIBEXEC" "SANITIZER" "SOURCES;USES;LINK")
  if(NOT arg_SANITIZER)
    set(arg_SANITIZER ${CONTEND_SANITIZE})
  endif()
  string(REPLACE "," "_" variant ${arg_SANITIZER})
  add_executable(${name} ${arg_SOURCES})
  add_dependencies(programs ${name})
  contend_instrument(${name} ${arg_SANITIZER})
  if(arg_SANITIZER STREQUAL "none")
    contend_count(${name})
  endif()
  foreach(used IN LISTS arg_USES)
    target_link_libraries(${name} PRIVATE contend::${used}_${variant})
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  if(NOT arg_SANITIZER STREQUAL CONTEND_SANITIZE)
    set_property(TARGET ${name} PROPERTY CXX_CLANG_TIDY)  # the same sources: once is enough
  endif()
  # An object file, not an archive member: the runtimes hold weak defaults that would win over one.
  target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/core/sanitizer_defaults.cpp)
  if(arg_LIBEXEC)
    set_property(TARGET ${name} PROPERTY RUNTIME_OUTPUT_DIRECTORY ${CONTEND_LIBEXEC_DIR})
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/contend)
  else()
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()
