#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "regtool/stream/source.hpp"

namespace regtool::layer {

enum class EntryType {
    file,
    directory,
    symlink,
    hardlink,
    char_device,
    block_device,
    fifo,
    socket,
    other
};

/// How an entry of a changeset acts on the layers below (image-spec layer.md, "Whiteouts").
enum class WhiteoutKind {
    none,
    file,
    opaque,
    ignored,  ///< AUFS leftovers (`.wh..wh.plnk`, …) and what lies below a whiteout (LAY-09)
};

/// One tar entry as the archive says it. Names are raw bytes: escape before showing.
struct Entry {
    std::string path;         ///< as stored, e.g. "./etc/passwd" or "usr/bin/"
    std::string link_target;  ///< of symlinks and hard links
    EntryType type = EntryType::other;
    std::uint32_t mode = 0;  ///< permission bits with setuid, setgid, sticky
    std::uint64_t uid = 0;
    std::uint64_t gid = 0;
    std::string user_name;
    std::string group_name;
    std::uint64_t size = 0;  ///< bytes of content; expanded size for sparse files
    std::int64_t mtime = 0;  ///< seconds since the epoch; may be negative
    std::uint32_t mtime_nanoseconds = 0;
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::map<std::string, std::string> xattrs;
};

/// The tree place that a stored name means: no leading "./" or "/", no trailing "/", "." for the
/// root (LAY-03). Throws IntegrityError when ".." leaves the root (LAY-04).
[[nodiscard]] std::string clean_path(std::string_view stored);
/// By the stored name alone, whatever type the entry has (LAY-11). Throws as clean_path().
[[nodiscard]] WhiteoutKind whiteout_kind(std::string_view stored);
/// For WhiteoutKind::file the path that is deleted; for opaque the folder; else the path itself.
/// Throws IntegrityError for `.wh..` and `.wh...`, InvalidDocument for a bare `.wh.` (LAY-08).
[[nodiscard]] std::string whiteout_target(std::string_view stored);

struct LayerLimits {
    std::uint64_t max_entries = 5'000'000;
    std::size_t max_name_bytes = 4096;      ///< of a path or a link target
    std::size_t max_component_bytes = 255;  ///< of a path between two slashes
    /// Content handed out in all, holes of sparse files included (T-21).
    std::uint64_t max_content_bytes = std::uint64_t{64} << 30;
};

/// What is known about a tar besides its bytes.
struct TarOrigin {
    std::string name = "the layer";  ///< for messages
    /// Passes over at most so many bytes of the source unread and returns how many. Where there is
    /// none, all is read.
    std::function<std::uint64_t(std::uint64_t)> skip;
};

/// Walks one uncompressed layer (tar: v7, ustar, PAX, GNU) from a Source. One thread at a time;
/// memory does not grow with the layer. Global PAX headers are passed over (LAY-19). An input of
/// no bytes, or of zeros only, is an empty layer. After the tar's end marker the source is read to
/// its end, so that a verifying source behind it gets to check (LAY-25).
class LayerReader {
  public:
    explicit LayerReader(std::unique_ptr<stream::Source> tar,
                         LayerLimits limits = {},
                         TarOrigin origin = {});
    ~LayerReader();
    LayerReader(const LayerReader&) = delete;
    LayerReader& operator=(const LayerReader&) = delete;
    LayerReader(LayerReader&&) = delete;
    LayerReader& operator=(LayerReader&&) = delete;

    /// The next entry, or nullptr at the end. The pointer lives until the next call. Throws
    /// InvalidDocument for a broken or cut archive (LAY-26), IntegrityError past a limit, or
    /// whatever the source throws.
    [[nodiscard]] const Entry* next();
    /// Content of the current entry, as Source::read; none for anything but files (LAY-13).
    /// Skipping content costs nothing but its bytes.
    [[nodiscard]] std::size_t read_content(std::span<std::byte> out);
    /// Where the current entry's first header (PAX and GNU headers included) begins, in bytes from
    /// the beginning of the source: a reader of the source from there on reads this entry first.
    [[nodiscard]] std::uint64_t header_offset() const noexcept;
    /// Where the current entry's content begins, in bytes from the beginning of the source; of no
    /// use for sparse files.
    [[nodiscard]] std::uint64_t content_offset() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace regtool::layer
