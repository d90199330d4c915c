# What a release binary is hardened with (compilers' and linkers' own mitigations); debug and sanitizer builds go without,
# because _FORTIFY_SOURCE needs optimisation and the sanitizers bring their own checks.
function(regtool_harden target)
  if(REGTOOL_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  target_compile_options(${target} PRIVATE
      -fstack-protector-strong -fcf-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
      -fPIE -ffunction-sections -fdata-sections)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_link_options(${target} PRIVATE -pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs -Wl,--gc-sections -Wl,--as-needed)
  endif()
endfunction()

# Code that runs once for each command, not once for each byte: small pages to touch at the start count for more than
# speed there. Bodies, codecs and listings keep -O2.
function(regtool_prefer_small target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -Os)
  endif()
endfunction()
