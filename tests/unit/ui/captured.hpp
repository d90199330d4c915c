#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "regtool/base/fd.hpp"

namespace regtool::test {

/// A file descriptor in memory, and what was written to it.
class Captured {
  public:
    Captured() : fd_(memfd_create("captured", MFD_CLOEXEC)) {}

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    [[nodiscard]] std::string text() const {
        std::string text(static_cast<std::size_t>(lseek(fd_.get(), 0, SEEK_END)), '\0');
        const ssize_t got = pread(fd_.get(), text.data(), text.size(), 0);
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

  private:
    base::UniqueFd fd_;
};

}  // namespace regtool::test
