# Warnings for our own code only: third-party headers come in as SYSTEM.
# -Wnull-dereference is left out and -Wrestrict switched off: GCC 12 reports false positives through
# {fmt} and libstdc++ (for -Wrestrict: GCC bug 105651, any std::string operator+).
option(REGTOOL_WERROR "Treat warnings as errors" OFF)

add_library(regtool_warnings INTERFACE)
set(common_warnings
    -Wall -Wextra -Wpedantic
    -Wshadow                # a shadowed name hides a bug from the reader
    -Wconversion -Wsign-conversion  # sizes from peers must be narrowed on purpose
    -Wnon-virtual-dtor -Woverloaded-virtual
    -Wold-style-cast -Wcast-align
    -Wformat=2 -Wimplicit-fallthrough -Wextra-semi
    -Wswitch-enum)          # a new enumerator must be met at each switch
set(gcc_warnings -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast -Wsuggest-override
    -Wno-restrict)
target_compile_options(regtool_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:${common_warnings}>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:${gcc_warnings}>
    $<$<BOOL:${REGTOOL_WERROR}>:-Werror>)
