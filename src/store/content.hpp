#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "regtool/base/fd.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/source.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::store {

/// Where bytes lie: a run of an open file, or memory for documents that were made here.
struct Content {
    std::shared_ptr<const base::UniqueFd> file;  ///< shared by all runs of an archive
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  ///< bytes
    std::string bytes;       ///< in place of a file
    std::string where;       ///< for messages
};

[[nodiscard]] Content content_in_memory(std::string bytes, std::string where);
/// All of an open regular file.
[[nodiscard]] Content content_of_file(base::UniqueFd file, std::string where);

/// Reads content as it lies there, unverified. Several may read the same one at once; the file may
/// be closed elsewhere meanwhile.
class ContentSource final : public stream::Source {
  public:
    explicit ContentSource(Content content, std::uint64_t first = 0);
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;
    /// Moves on by at most `count` bytes; returns by how many.
    [[nodiscard]] std::uint64_t skip(std::uint64_t count) noexcept;

  private:
    [[nodiscard]] std::size_t read_memory(std::span<std::byte> out) const;
    [[nodiscard]] std::size_t read_file(std::span<std::byte> out) const;

    Content content_;
    std::uint64_t position_;
};

/// The bytes from `first` on.
[[nodiscard]] std::unique_ptr<stream::Source> open_content(Content content,
                                                           std::uint64_t first = 0);
/// All bytes, at most `max_bytes`: more throws IntegrityError.
[[nodiscard]] std::string read_content(const Content& content, std::size_t max_bytes);
[[nodiscard]] bool have_same_bytes(const Content& a, const Content& b, const std::stop_token& stop);

/// Throws Cancelled when it is time.
void check_stop(const std::stop_token& stop);
/// Reads `source` to its end into `sink`, tells `arrived`, heeds `stop`.
void move_bytes(stream::Source& source,
                stream::Sink& sink,
                const std::stop_token& stop,
                const BytesArrived& arrived);
/// The same into the hash alone: the sink behind has these bytes already.
void absorb_bytes(stream::Source& held,
                  stream::VerifyingSink& into,
                  const std::stop_token& stop,
                  const BytesArrived& arrived);

}  // namespace regtool::store
