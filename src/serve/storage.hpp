#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "regtool/base/fd.hpp"
#include "regtool/base/log.hpp"
#include "regtool/model/digest.hpp"

namespace regtool::serve {

/// A blob to read, whole and known to match its digest. The descriptor's position is the caller's.
struct OpenBlob {
    base::UniqueFd fd;
    std::uint64_t size = 0;  ///< bytes
};

/// Bytes on their way in, which nobody can see before Storage::commit(). Removed by the destructor
/// otherwise. One thread at a time.
class IncomingBlob {
  public:
    IncomingBlob() = default;
    virtual ~IncomingBlob() = default;
    IncomingBlob(const IncomingBlob&) = delete;
    IncomingBlob& operator=(const IncomingBlob&) = delete;
    IncomingBlob(IncomingBlob&&) = delete;
    IncomingBlob& operator=(IncomingBlob&&) = delete;

    /// Throws Refusal when there is no room.
    virtual void append(std::span<const std::byte> bytes) = 0;
    /// For reading back what was appended. Borrowed.
    [[nodiscard]] virtual int fd() const noexcept = 0;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
};

/// index.json as it is now.
struct IndexState {
    std::string stamp;  ///< differs when the document does
    std::string text;   ///< filled when the stamp is not the one that the caller knew
};

/// An OCI image layout, in a folder or in memory. Every method is thread-safe.
class Storage {
  public:
    Storage() = default;
    virtual ~Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    Storage(Storage&&) = delete;
    Storage& operator=(Storage&&) = delete;

    /// nullopt when the blob is not there, or is not what its name says.
    [[nodiscard]] virtual std::optional<OpenBlob> open_blob(const model::Digest& digest) = 0;
    [[nodiscard]] virtual std::unique_ptr<IncomingBlob> begin_blob() = 0;
    /// Gives the bytes their name; the caller has checked that they match it.
    virtual void commit(std::unique_ptr<IncomingBlob> blob, const model::Digest& digest) = 0;
    /// False when there is no such blob.
    virtual bool remove_blob(const model::Digest& digest) = 0;

    [[nodiscard]] virtual IndexState index(const std::string& known_stamp) = 0;
    /// Lets `edit` change index.json while nobody else, in this process or another, can. Nothing is
    /// written when it throws.
    virtual void edit_index(const std::function<void(nlohmann::ordered_json&)>& edit) = 0;
};

/// Opens a layout; a missing or empty folder becomes one unless `read_only`. Throws as
/// store::LayoutFolder does. Once `stop` is asked for, hashing ends with a Refusal.
[[nodiscard]] std::unique_ptr<Storage> open_folder_storage(const std::string& path,
                                                           bool read_only,
                                                           std::stop_token stop,
                                                           base::Log& log);
/// Empty, and gone with the object; its blobs take at most `limit_bytes` together.
[[nodiscard]] std::unique_ptr<Storage> make_memory_storage(std::uint64_t limit_bytes);

/// An index without entries, as a new layout has it.
[[nodiscard]] std::string empty_layout_index();
/// The document for editing. Throws InvalidDocument when it is no index.
[[nodiscard]] nlohmann::ordered_json parse_layout_index(const std::string& text);
/// For writing; throws Refusal (507) when it has grown too large.
[[nodiscard]] std::string dump_layout_index(const nlohmann::ordered_json& index);

}  // namespace regtool::serve
