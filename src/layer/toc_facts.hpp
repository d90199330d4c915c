#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "regtool/layer/layer_reader.hpp"

namespace regtool::layer {

// What tables of contents of every format say of an entry in the same words. All throw
// InvalidDocument for what cannot be relied on; `name` is the entry's, for the message.

/// Permission bits with setuid, setgid and sticky: all of a stored mode that counts.
inline constexpr std::uint32_t kModeBits = 07777;

[[noreturn]] void throw_unreliable(const std::string& why, std::string_view name);
/// "reg", "dir", "symlink", "hardlink", "char", "block", "fifo".
[[nodiscard]] EntryType toc_entry_type(std::string_view text, std::string_view name);
/// A path or a link's target: as the writers of tables do it; LayerReader is stricter only about
/// the archive's own form.
void check_toc_name(std::string_view text, std::string_view name);
/// RFC 3339 to seconds since the epoch.
[[nodiscard]] std::int64_t toc_time(std::string_view text, std::string_view name);
/// Numbers that mean something for devices alone.
void set_device(Entry& entry, std::uint64_t major, std::uint64_t minor, std::string_view name);
/// A size that means something for files alone.
void set_size(Entry& entry, std::uint64_t bytes, std::string_view name);

}  // namespace regtool::layer
