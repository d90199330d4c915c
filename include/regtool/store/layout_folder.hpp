#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "regtool/base/fd.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/store/layout_index.hpp"

namespace regtool::store {

/// An OCI image layout in a folder (image-spec image-layout.md). Below the folder no symbolic link
/// is followed and nothing but regular files is read (OCL-11). Thread-safe.
class LayoutFolder {
  public:
    /// To read. Throws IoError, InvalidDocument when it is no layout (OCL-01), IntegrityError when
    /// a part of it is not what it should be.
    [[nodiscard]] static LayoutFolder open(const std::string& path);
    /// To write: makes what is missing but `oci-layout` and `index.json`, which update_index()
    /// writes. Throws as open(), and as require_writable().
    [[nodiscard]] static LayoutFolder create(const std::string& path);
    /// To look at before writing: nullopt when the folder or its `blobs` is not there. Throws as
    /// open(); the marker and the index may be missing, as after a first run that was killed.
    [[nodiscard]] static std::optional<LayoutFolder> find(const std::string& path);
    /// Throws UsageError when the folder holds something that is no layout, nor the beginning of
    /// one. Changes nothing.
    static void require_writable(const std::string& path);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// As it is now; empty when there is none yet.
    [[nodiscard]] LayoutIndex index() const;
    /// Opens a blob to read, unverified; nullopt when it is not there. Throws IntegrityError for
    /// what is no regular file.
    [[nodiscard]] std::optional<base::UniqueFd> open_blob(const model::Digest& digest) const;
    /// Where the blob is or will be; the folder is made.
    [[nodiscard]] std::string new_blob_path(const model::Digest& digest) const;
    /// Waits until the bytes and the names of these blobs are on the disk. Throws Cancelled between
    /// two of them.
    void sync_blobs(const std::set<model::Digest>& digests, const std::stop_token& stop) const;
    /// Removes a blob's file; returns its size in bytes, nullopt when it was not there. Whether
    /// something lists it is the caller's business.
    std::optional<std::uint64_t> remove_blob(const model::Digest& digest) const;
    /// For as long as this object lives, nobody removes blobs: for writers, who count on blobs that
    /// no index lists yet. Waits for a deletion that is under way.
    void share_blobs() const;
    /// For as long as this object lives, no other program of ours writes into the layout. Throws
    /// IoError when one does.
    void own_blobs() const;
    /// Changes the index under the layout's lock, which waits for other writers (OCL-10): reads it,
    /// lets `edit` change it, and puts it in place by a rename, whole and on the disk (OCL-08).
    void update_index(const std::function<void(LayoutIndex&)>& edit) const;

  private:
    LayoutFolder(std::string path, base::UniqueFd folder);

    [[nodiscard]] std::optional<LayoutIndex> read_index() const;
    void check_marker() const;
    [[nodiscard]] bool has_marker() const;

    std::string path_;
    base::UniqueFd folder_;
    base::UniqueFd blobs_;
};

/// "blobs/sha256/…": the name of a blob within a layout.
[[nodiscard]] std::string blob_name(const model::Digest& digest);
/// What the file `oci-layout` holds. Throws InvalidDocument for another version.
void check_layout_marker(const std::string& text, const std::string& where);

inline constexpr std::string_view kLayoutMarker = "oci-layout";
inline constexpr std::string_view kLayoutMarkerText = R"({"imageLayoutVersion":"1.0.0"})";
inline constexpr std::size_t kMaxLayoutMarkerBytes = 4096;
inline constexpr std::string_view kLayoutIndexName = "index.json";

}  // namespace regtool::store
