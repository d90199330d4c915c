#include "store/content.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "store/safe_open.hpp"

namespace regtool::store {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

/// Reads a whole block: a download delivers small pieces, and as many writes cost more. Less only
/// at the end.
std::size_t fill(stream::Source& source, std::span<std::byte> out) {
    std::size_t filled = 0;
    while (filled < out.size()) {
        const std::size_t got = source.read(out.subspan(filled));
        if (got == 0) {
            break;
        }
        filled += got;
    }
    return filled;
}

class AbsorbingSink final : public stream::Sink {
  public:
    explicit AbsorbingSink(stream::VerifyingSink& into) : into_(into) {}

    void write(std::span<const std::byte> bytes) override { into_.absorb(bytes); }

  private:
    stream::VerifyingSink& into_;
};

}  // namespace

ContentSource::ContentSource(Content content, std::uint64_t first)
    : content_(std::move(content)), position_(std::min(first, content_.size)) {}

std::size_t ContentSource::read(std::span<std::byte> out) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), content_.size - position_));
    if (count == 0) {
        return 0;
    }
    const std::size_t got =
        content_.file ? read_file(out.first(count)) : read_memory(out.first(count));
    position_ += got;
    return got;
}

std::uint64_t ContentSource::skip(std::uint64_t count) noexcept {
    const std::uint64_t passed = std::min(count, content_.size - position_);
    position_ += passed;
    return passed;
}

std::size_t ContentSource::read_memory(std::span<std::byte> out) const {
    const auto bytes = base::as_bytes(content_.bytes).subspan(static_cast<std::size_t>(position_));
    std::copy_n(bytes.begin(), out.size(), out.begin());
    return out.size();
}

/// 0 where the file has become shorter: whoever verifies will say so.
std::size_t ContentSource::read_file(std::span<std::byte> out) const {
    return base::read_at(content_.file->get(), out, content_.offset + position_, content_.where);
}

Content content_in_memory(std::string bytes, std::string where) {
    Content content;
    content.size = bytes.size();
    content.bytes = std::move(bytes);
    content.where = std::move(where);
    return content;
}

Content content_of_file(base::UniqueFd file, std::string where) {
    Content content;
    content.size = size_of(file, where);
    content.file = std::make_shared<const base::UniqueFd>(std::move(file));
    content.where = std::move(where);
    return content;
}

std::unique_ptr<stream::Source> open_content(Content content, std::uint64_t first) {
    return std::make_unique<ContentSource>(std::move(content), first);
}

std::string read_content(const Content& content, std::size_t max_bytes) {
    if (content.size > max_bytes) {
        throw base::IntegrityError(base::printable(content.where) + " is larger than " +
                                   base::human_size(max_bytes) + ": refused");
    }
    stream::StringSink sink(max_bytes);
    stream::pump(*open_content(content), sink);
    return std::move(sink.text());
}

bool have_same_bytes(const Content& a, const Content& b, const std::stop_token& stop) {
    if (a.size != b.size) {
        return false;
    }
    std::string left(kBlockBytes, '\0');
    std::string right(kBlockBytes, '\0');
    ContentSource from_a(a);
    ContentSource from_b(b);
    for (;;) {
        check_stop(stop);
        const std::size_t got = fill(from_a, std::as_writable_bytes(std::span(left)));
        if (fill(from_b, std::as_writable_bytes(std::span(right))) != got ||
            left.compare(0, got, right, 0, got) != 0) {
            return false;
        }
        if (got == 0) {
            return true;
        }
    }
}

void check_stop(const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
}

void move_bytes(stream::Source& source,
                stream::Sink& sink,
                const std::stop_token& stop,
                const BytesArrived& arrived) {
    const auto block = std::make_unique_for_overwrite<std::byte[]>(kBlockBytes);
    const std::span<std::byte> out(block.get(), kBlockBytes);
    std::size_t filled = 0;
    do {
        filled = fill(source, out);
        check_stop(stop);
        if (filled != 0) {
            sink.write(out.first(filled));
        }
        if (filled != 0 && arrived) {
            arrived(filled);
        }
    } while (filled == out.size());
}

void absorb_bytes(stream::Source& held,
                  stream::VerifyingSink& into,
                  const std::stop_token& stop,
                  const BytesArrived& arrived) {
    AbsorbingSink absorb(into);
    move_bytes(held, absorb, stop, arrived);
}

}  // namespace regtool::store
