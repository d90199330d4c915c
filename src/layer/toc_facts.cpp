#include "toc_facts.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::layer {

namespace {

std::uint32_t device_number(std::uint64_t number, std::string_view name) {
    if (number > std::numeric_limits<std::uint32_t>::max()) {
        throw_unreliable("a device number is too large", name);
    }
    return static_cast<std::uint32_t>(number);
}

}  // namespace

void throw_unreliable(const std::string& why, std::string_view name) {
    throw base::InvalidDocument("the table of contents cannot be relied on: " + why + " ('" +
                                base::printable(name, 100) + "')");
}

EntryType toc_entry_type(std::string_view text, std::string_view name) {
    static const std::map<std::string_view, EntryType> kTypes{
        {"reg", EntryType::file},         {"dir", EntryType::directory},
        {"symlink", EntryType::symlink},  {"hardlink", EntryType::hardlink},
        {"char", EntryType::char_device}, {"block", EntryType::block_device},
        {"fifo", EntryType::fifo},
    };
    const auto found = kTypes.find(text);
    if (found == kTypes.end()) {
        throw_unreliable("an entry is of an unknown type", name);
    }
    return found->second;
}

void check_toc_name(std::string_view text, std::string_view name) {
    const LayerLimits limits;
    if (text.size() > limits.max_name_bytes) {
        throw_unreliable("a name is too long", name);
    }
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        if (end - begin > limits.max_component_bytes) {
            throw_unreliable("a part of a name is too long", name);
        }
        begin = end + 1;
    }
}

std::int64_t toc_time(std::string_view text, std::string_view name) {
    const auto time = base::parse_rfc3339(text);
    if (!time) {
        throw_unreliable("a time is none", name);
    }
    return *time;
}

void set_device(Entry& entry, std::uint64_t major, std::uint64_t minor, std::string_view name) {
    if (entry.type == EntryType::char_device || entry.type == EntryType::block_device) {
        entry.device_major = device_number(major, name);
        entry.device_minor = device_number(minor, name);
    }
}

void set_size(Entry& entry, std::uint64_t bytes, std::string_view name) {
    entry.size = entry.type == EntryType::file ? bytes : 0;
    if (entry.size > LayerLimits{}.max_content_bytes) {
        throw_unreliable("a file is too large", name);
    }
}

}  // namespace regtool::layer
