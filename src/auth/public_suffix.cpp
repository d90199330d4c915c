#include "auth/public_suffix.hpp"

#include <algorithm>

#include "regtool/base/shared_library.hpp"

namespace regtool::auth {

namespace {

/// The two functions of libpsl that are needed (libpsl.h); its contexts are opaque.
using BuiltIn = const void* (*)();
using RegistrableDomain = const char* (*)(const void* list, const char* domain);

struct Library {
    const void* list = nullptr;
    RegistrableDomain registrable = nullptr;
};

Library load() {
    const base::SharedLibrary library("libpsl.so.5");
    BuiltIn built_in = nullptr;
    RegistrableDomain registrable = nullptr;
    if (!library || !library.find("psl_builtin", built_in) ||
        !library.find("psl_registrable_domain", registrable)) {
        return {};
    }
    return {built_in(), registrable};
}

bool is_address(std::string_view host) {
    return host.find(':') != std::string_view::npos ||
           std::all_of(host.begin(), host.end(),
                       [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

std::string registrable_domain(std::string_view host) {
    if (is_address(host) || host.find('.') == std::string_view::npos) {
        return {};
    }
    static const Library kLibrary = load();
    if (kLibrary.list == nullptr) {
        return {};
    }
    const std::string name(host);
    const char* domain = kLibrary.registrable(kLibrary.list, name.c_str());
    return domain == nullptr ? "" : domain;
}

}  // namespace regtool::auth
