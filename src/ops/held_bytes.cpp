#include "held_bytes.hpp"

#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

namespace {

class HeldFileSource final : public stream::Source {
  public:
    explicit HeldFileSource(base::UniqueFd file)
        : file_(std::move(file)), source_(file_.get(), kSpoolName) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override { return source_.read(out); }

  private:
    base::UniqueFd file_;
    stream::PositionedSource source_;
};

}  // namespace

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
