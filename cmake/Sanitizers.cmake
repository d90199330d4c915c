# REGTOOL_SANITIZE is a comma list as -fsanitize takes it: "address,undefined" or "thread".
set(REGTOOL_SANITIZE "" CACHE STRING "Sanitizers to build with")

if(REGTOOL_SANITIZE)
  add_compile_options(-fsanitize=${REGTOOL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(REGTOOL_SANITIZE MATCHES "undefined")
    # A null pointer that is used stops the program anyway, and both are half of what the compiler has to write.
    add_compile_options(-fno-sanitize=null,vptr)
  endif()
  add_link_options(-fsanitize=${REGTOOL_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(REGTOOL_FUZZ)
  # Coverage for libFuzzer in all code; the targets alone link its main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
