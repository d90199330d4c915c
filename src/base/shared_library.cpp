#include "regtool/base/shared_library.hpp"

#include <dlfcn.h>

namespace regtool::base {

SharedLibrary::SharedLibrary(const char* file) noexcept
    : handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)) {}

void* SharedLibrary::address_of(const char* name) const noexcept {
    return dlsym(handle_, name);
}

}  // namespace regtool::base
