# REGTOOL_SANITIZE is a comma list as -fsanitize takes it: "address,undefined" or "thread".
set(REGTOOL_SANITIZE "" CACHE STRING "Sanitizers to build with")

if(REGTOOL_SANITIZE)
  add_compile_options(-fsanitize=${REGTOOL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${REGTOOL_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(REGTOOL_FUZZ)
  # Coverage for libFuzzer in all code; the targets alone link its main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
