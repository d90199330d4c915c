#include "regtool/base/secret.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstring>

namespace regtool::base {

void wipe(std::string& text) noexcept {
    // explicit_bzero is not optimised away although the text is never read again.
    explicit_bzero(text.data(), text.size());
    text.clear();
}

void keep_memory_private() noexcept {
    constexpr rlimit kNone{0, 0};
    (void)setrlimit(RLIMIT_CORE, &kNone);  // where it fails, the next line does the same
#if !defined(__SANITIZE_ADDRESS__)         // the leak check looks into this process from outside
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

Secret::Secret(std::string text) noexcept : text_(std::move(text)) {}

Secret::~Secret() {
    wipe(text_);
}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe(text_);
        text_ = other.text_;
    }
    return *this;
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
    wipe(other.text_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(text_);
        text_ = std::move(other.text_);
        wipe(other.text_);
    }
    return *this;
}

}  // namespace regtool::base
