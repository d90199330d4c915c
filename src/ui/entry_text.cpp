#include "entry_text.hpp"

#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "regtool/base/clock.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ui {

namespace {

constexpr std::uint32_t kSetuid = 04000;
constexpr std::uint32_t kSetgid = 02000;
constexpr std::uint32_t kSticky = 01000;

/// What 0001-01-01T00:00:00Z is in seconds since the epoch.
constexpr std::int64_t kZeroTime = -62'135'596'800;

std::string time_text(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    if (gmtime_r(&time, &parts) == nullptr) {
        return std::to_string(seconds);
    }
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min);
}

void append_owner(std::string& line, const std::string& name, std::uint64_t id) {
    if (name.empty()) {
        line += std::to_string(id);
    } else {
        line += base::printable(name);
    }
}

}  // namespace

std::string mode_text(const ops::LayerEntryRow& row) {
    std::string text(10, '-');
    text[0] = row.type;
    constexpr std::string_view kLetters = "rwxrwxrwx";
    for (std::size_t i = 0; i < kLetters.size(); ++i) {
        if ((row.mode >> (kLetters.size() - 1 - i) & 1U) != 0) {
            text[i + 1] = kLetters[i];
        }
    }
    const auto special = [&](std::uint32_t bit, std::size_t position, char executable, char plain) {
        if ((row.mode & bit) != 0) {
            text[position] = text[position] == 'x' ? executable : plain;
        }
    };
    special(kSetuid, 3, 's', 'S');
    special(kSetgid, 6, 's', 'S');
    special(kSticky, 9, 't', 'T');
    return text;
}

std::string attributes_text(const ops::LayerEntryRow& row) {
    std::string line = mode_text(row);
    line += ' ';
    const std::size_t owner_begin = line.size();
    append_owner(line, row.user_name, row.uid);
    line += '/';
    append_owner(line, row.group_name, row.gid);
    std::string size = row.type == 'c' || row.type == 'b' ? std::to_string(row.device_major) + "," +
                                                                std::to_string(row.device_minor)
                                                          : std::to_string(row.size);
    constexpr std::size_t kOwnerAndSize = 19;
    const std::size_t used = line.size() - owner_begin + size.size();
    line.append(used < kOwnerAndSize ? kOwnerAndSize - used : 1, ' ');
    line += size;
    line += ' ';
    line += time_text(row.mtime);
    return line;
}

std::string_view type_name(char type) {
    switch (type) {
        case '-':
            return "file";
        case 'd':
            return "directory";
        case 'l':
            return "symlink";
        case 'h':
            return "hardlink";
        case 'c':
            return "char_device";
        case 'b':
            return "block_device";
        case 'p':
            return "fifo";
        case 's':
            return "socket";
        default:
            return "other";
    }
}

std::string created_text(const std::string& created) {
    const auto seconds = base::parse_rfc3339(created);
    return !seconds || *seconds == kZeroTime ? "unknown" : base::printable(created);
}

void put_name(nlohmann::ordered_json& json, const std::string& key, const std::string& name) {
    if (base::is_valid_utf8(name)) {
        json[key] = name;
    } else {
        json[key] = base::printable(name);
        json[key + "_base64"] = base::base64_encode(name);
    }
}

nlohmann::ordered_json to_json(const ops::LayerEntryRow& row) {
    nlohmann::ordered_json json;
    json["layer"] = row.layer;
    json["type"] = type_name(row.type);
    put_name(json, "path", row.path);
    if (row.type == 'l' || row.type == 'h') {
        put_name(json, "link_target", row.link_target);
    }
    json["mode"] = fmt::format("{:04o}", row.mode);
    json["uid"] = row.uid;
    json["gid"] = row.gid;
    json["user"] =
        base::is_valid_utf8(row.user_name) ? row.user_name : base::printable(row.user_name);
    json["group"] =
        base::is_valid_utf8(row.group_name) ? row.group_name : base::printable(row.group_name);
    json["size"] = row.size;
    json["mtime"] = base::format_rfc3339(row.mtime);
    if (row.type == 'c' || row.type == 'b') {
        json["device"] = {row.device_major, row.device_minor};
    }
    if (!row.whiteout.empty()) {
        json["whiteout"] = row.whiteout;
    }
    return json;
}

}  // namespace regtool::ui
