#include "regtool/layer/packed_windows.hpp"

#include <span>

#include "regtool/base/text.hpp"

namespace regtool::layer {

namespace {

constexpr const char* kFile = "the file of the layer's index";

}  // namespace

PackedWindows::PackedWindows(base::UniqueFd file, std::uint64_t begin, std::uint64_t size)
    : file_(std::move(file)), begin_(begin), size_(size) {
    if (size <= kCopiedBytes) {
        memory_ = read(0, size);
        file_ = {};
    }
}

void PackedWindows::add(std::string_view window) {
    size_ += window.size();
    try {
        if (!failure_) {
            add_to_file(window);
        }
    } catch (const base::IoError& error) {
        failure_ = error;
    }
}

void PackedWindows::add_to_file(std::string_view window) {
    if (!file_.valid() && memory_.size() + window.size() <= kInMemoryBytes) {
        memory_ += window;
        return;
    }
    if (!file_.valid()) {
        file_ = base::open_unnamed_file();
        base::write_all(file_.get(), base::as_bytes(memory_), kFile);
        memory_ = {};
    }
    base::write_all(file_.get(), base::as_bytes(window), kFile);
}

std::string PackedWindows::read(std::uint64_t at, std::size_t count) const {
    if (failure_) {
        throw *failure_;
    }
    if (at > size_ || count > size_ - at) {
        throw base::InvalidDocument("the layer index has no such window");
    }
    if (!file_.valid()) {
        return memory_.substr(at, count);
    }
    std::string window(count, '\0');
    const auto out = std::as_writable_bytes(std::span(window));
    if (base::read_at(file_.get(), out, begin_ + at, kFile) != count) {
        throw base::InvalidDocument("the layer index is cut short");
    }
    return window;
}

}  // namespace regtool::layer
