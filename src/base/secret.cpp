#include "regtool/base/secret.hpp"

#include <cstring>

namespace regtool::base {

void wipe(std::string& text) noexcept {
    // explicit_bzero is not optimised away although the text is never read again.
    explicit_bzero(text.data(), text.size());
    text.clear();
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
