#pragma once

#include <optional>
#include <string>

#include "regtool/base/fd.hpp"

namespace regtool::store {

// Files and folders below a folder that a stranger may have packed: no symbolic link is followed,
// nothing but the kind that is wanted is opened, and nothing blocks (OCL-11, T-39). `where` is the
// path for messages.

/// A regular file to read; nullopt when there is none. Throws IntegrityError for anything else of
/// that name, IoError.
[[nodiscard]] std::optional<base::UniqueFd> open_file_at(int folder,
                                                         const std::string& name,
                                                         const std::string& where);
/// A folder; nullopt when there is none. Throws as above.
[[nodiscard]] std::optional<base::UniqueFd> open_folder_at(int folder,
                                                           const std::string& name,
                                                           const std::string& where);
/// A folder that the user named: links are followed. Throws IoError.
[[nodiscard]] base::UniqueFd open_folder(const std::string& path);
/// Makes the folder if it is not there. Throws IoError.
void make_folder_at(int folder, const std::string& name, const std::string& where);

/// Waits until an open file or folder is on the disk. Throws IoError.
void sync_to_disk(int fd, const std::string& where);

/// The size of an open regular file, in bytes.
[[nodiscard]] std::uint64_t size_of(const base::UniqueFd& file, const std::string& where);
/// All of an open file from its first byte, at most `max_bytes`; a larger one is refused with
/// IntegrityError.
[[nodiscard]] std::string read_small(const base::UniqueFd& file,
                                     std::size_t max_bytes,
                                     const std::string& where);

}  // namespace regtool::store
