#include "held_bytes.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

namespace {

class HeldFileSource final : public stream::Source {
  public:
    explicit HeldFileSource(base::UniqueFd file) : file_(std::move(file)), source_(file_.get()) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override { return source_.read(out); }

  private:
    base::UniqueFd file_;
    PositionedSource source_;
};

}  // namespace

std::size_t PositionedSource::read(std::span<std::byte> out) {
    for (;;) {
        const ssize_t got = ::pread(fd_, out.data(), out.size(), position_);
        if (got >= 0) {
            position_ += got;
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR) {
            throw base::IoError(kSpoolName, "cannot read", errno);
        }
    }
}

void HeldBytes::write(std::span<const std::byte> bytes) {
    size_ += bytes.size();
    if (!file_sink_ && size_ > kInMemoryBytes) {
        file_ = base::open_unnamed_file();
        file_sink_ = std::make_unique<stream::FdSink>(file_.get(), kSpoolName);
        file_sink_->write(base::as_bytes(memory_));
        memory_ = {};
    }
    if (file_sink_) {
        file_sink_->write(bytes);
    } else {
        memory_ += base::as_text(bytes);
    }
}

std::unique_ptr<stream::Source> HeldBytes::take() {
    if (!file_sink_) {
        return std::make_unique<stream::StringSource>(std::move(memory_));
    }
    file_sink_->flush();
    file_sink_.reset();
    return std::make_unique<HeldFileSource>(std::move(file_));
}

}  // namespace regtool::ops
