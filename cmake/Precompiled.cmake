# Most of what the compiler reads for a file are headers of the standard library and of Catch2: they are read once for each
# set of flags instead of once for each file. For GCC, and for tests alone: where code is optimised, GCC 12 forgets which
# of them are system headers and then warns of code that is not ours; clang gains nothing.
set(regtool_standard_headers
    <algorithm> <array> <atomic> <cerrno> <charconv> <chrono> <condition_variable> <cstddef> <cstdint> <cstdlib>
    <cstring> <exception> <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <stop_token> <string>
    <string_view> <thread> <unordered_map> <utility> <variant> <vector>)

# An object library whose headers other targets with the very same flags can use.
function(regtool_add_precompiled name)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries precompiled headers.\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE regtool_warnings)
  target_precompile_headers(${name} PRIVATE ${regtool_standard_headers} ${ARGN})
endfunction()

function(regtool_use_precompiled target from)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${target} REUSE_FROM ${from})
    # Lets ccache preprocess with them.
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()
