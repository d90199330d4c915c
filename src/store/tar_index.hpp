#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "store/content.hpp"

namespace regtool::store {

/// Where the files of a tar lie. Names are places in the archive alone: nothing is ever looked up
/// on the disk (T-40). Read-only after read(); thread-safe.
class TarIndex {
  public:
    /// Reads the headers, not the content. Throws InvalidDocument for a broken or cut archive,
    /// IntegrityError for a name that leads out of it and for too many names.
    [[nodiscard]] static TarIndex read(Content archive, const std::stop_token& stop);

    /// The archive, for messages.
    [[nodiscard]] const std::string& where() const noexcept { return archive_.where; }

    /// Whether anything has this name.
    [[nodiscard]] bool has(std::string_view name) const { return entries_.contains(name); }

    /// The file of that name ("./a//b" is "a/b"), unverified; nullopt when there is none. Throws
    /// IntegrityError for what is no regular file, InvalidDocument where the archive has two of
    /// that name which differ (OCL-14, DAR-11).
    [[nodiscard]] std::optional<Content> find(std::string_view name) const;
    /// The same, by way of one link at most: "../b/layer.tar" in "a/layer.tar" is "b/layer.tar".
    /// One that leads out of the archive throws IntegrityError (DAR-04).
    [[nodiscard]] std::optional<Content> find_behind_link(std::string_view name) const;

  private:
    enum class Kind { file, symlink, hardlink, other };

    struct Place {
        Kind kind = Kind::other;
        std::uint64_t offset = 0;  ///< in the archive
        std::uint64_t size = 0;
        std::string target;      ///< of links, as it stands there
        bool ambiguous = false;  ///< there is another one of that name
    };

    explicit TarIndex(Content archive) : archive_(std::move(archive)) {}

    void read_entries(const std::stop_token& stop);
    void add(std::string name, Place place, const std::stop_token& stop);
    [[nodiscard]] bool is_same(const Place& a, const Place& b, const std::stop_token& stop) const;
    [[nodiscard]] const Place* place_of(std::string_view name) const;
    [[nodiscard]] Content content_of(std::string_view name, const Place& place) const;

    Content archive_;
    std::map<std::string, Place, std::less<>> entries_;
    std::size_t name_bytes_ = 0;
};

}  // namespace regtool::store
