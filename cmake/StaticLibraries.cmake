# How the libraries are linked: one target for each, `regtool::curl`, `regtool::archive`, …
#
# Start-up is part of the product. Debian's shared libcurl brings 40 more libraries (LDAP, Kerberos, SSH, RTMP, …) that
# regtool never calls and that cost 5 ms at every start. With REGTOOL_STATIC the archives of Debian's own -dev packages
# are linked instead, so that security updates still come from Debian with a rebuild; what libcurl.a needs for protocols
# that are never enabled is answered by src/http/curl_stubs.c. Where an archive is missing, and in debug and sanitizer
# builds (REGTOOL_STATIC=OFF), the shared libraries are used and behave the same.
#
# Packages: libcurl4-openssl-dev libssl-dev libnghttp2-dev libzstd-dev zlib1g-dev libisal-dev libarchive-dev libfmt-dev
option(REGTOOL_STATIC "Link Debian's static archives for a fast start" ON)

find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt 9 REQUIRED)

function(regtool_find_archive variable name)
  find_library(${variable} NAMES lib${name}.a)
  if(NOT ${variable})
    set(missing_archives "${missing_archives} lib${name}.a" PARENT_SCOPE)
  endif()
endfunction()

if(REGTOOL_STATIC)
  set(missing_archives "")
  regtool_find_archive(CURL_ARCHIVE curl)
  regtool_find_archive(SSL_ARCHIVE ssl)
  regtool_find_archive(CRYPTO_ARCHIVE crypto)
  regtool_find_archive(NGHTTP2_ARCHIVE nghttp2)
  regtool_find_archive(ZSTD_ARCHIVE zstd)
  regtool_find_archive(ZLIB_ARCHIVE z)
  regtool_find_archive(LIBARCHIVE_ARCHIVE archive)
  if(missing_archives)
    message(STATUS "Linking shared libraries, not found:${missing_archives}")
    set(REGTOOL_STATIC OFF)
  endif()
endif()

# regtool_library(NAME item…): an interface target for one job's library.
function(regtool_library name)
  add_library(regtool_lib_${name} INTERFACE)
  target_link_libraries(regtool_lib_${name} INTERFACE ${ARGN})
  add_library(regtool::${name} ALIAS regtool_lib_${name})
endfunction()

# Few sources format text, so the header-only form costs little and saves a shared library at start.
regtool_library(fmt fmt::fmt-header-only)
# Debian ships ISA-L only shared; it depends on nothing but libc.
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
regtool_library(isal PkgConfig::ISAL)

# bcrypt is in libcrypt, which every program's libc package brings.
find_library(CRYPT_ARCHIVE NAMES libcrypt.a)
if(REGTOOL_STATIC AND CRYPT_ARCHIVE)
  regtool_library(crypt ${CRYPT_ARCHIVE})
else()
  regtool_library(crypt crypt)
endif()

if(REGTOOL_STATIC)
  add_library(regtool_curl_stubs STATIC ${PROJECT_SOURCE_DIR}/src/http/curl_stubs.c)
  regtool_library(zlib ${ZLIB_ARCHIVE})
  regtool_library(zstd ${ZSTD_ARCHIVE})
  regtool_library(openssl ${SSL_ARCHIVE} ${CRYPTO_ARCHIVE} ${CMAKE_DL_LIBS} pthread)
  regtool_library(curl ${CURL_ARCHIVE} regtool_curl_stubs ${NGHTTP2_ARCHIVE} ${SSL_ARCHIVE} ${CRYPTO_ARCHIVE}
                       ${ZSTD_ARCHIVE} ${ZLIB_ARCHIVE} ${CMAKE_DL_LIBS} pthread)
  # Only the tar reader is called: --gc-sections drops the formats that would need libxml2, bzip2, lzma and others,
  # and with them their undefined symbols.
  regtool_library(archive ${LIBARCHIVE_ARCHIVE})
  add_link_options(-static-libstdc++ -static-libgcc -Wl,--gc-sections)
else()
  foreach(library IN ITEMS zlib:zlib zstd:libzstd curl:libcurl archive:libarchive)
    string(REPLACE ":" ";" pair ${library})
    list(GET pair 0 name)
    list(GET pair 1 module)
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
    regtool_library(${name} PkgConfig::${name})
  endforeach()
  regtool_library(openssl OpenSSL::SSL OpenSSL::Crypto)
endif()
