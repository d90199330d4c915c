#include "model/json_fields.hpp"

#include "regtool/base/error.hpp"

namespace regtool::model {

namespace {

std::string path_of(const std::string& where, std::string_view key) {
    return where.empty() ? std::string(key) : where + "." + std::string(key);
}

}  // namespace

void throw_invalid(const std::string& where, const std::string& why) {
    throw base::InvalidDocument(where + ": " + why);
}

const Json* find_member(const Json& object, std::string_view key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string string_member(const Json& object, std::string_view key, const std::string& where) {
    const Json* member = find_member(object, key);
    if (member == nullptr) {
        return {};
    }
    if (!member->is_string()) {
        throw_invalid(path_of(where, key), "must be a string");
    }
    return member->get<std::string>();
}

std::vector<std::string> string_list(const Json& object,
                                     std::string_view key,
                                     const std::string& where) {
    const Json* member = find_member(object, key);
    if (member == nullptr) {
        return {};
    }
    if (!member->is_array()) {
        throw_invalid(path_of(where, key), "must be an array of strings");
    }
    std::vector<std::string> list;
    for (const Json& item : *member) {
        if (!item.is_string()) {
            throw_invalid(path_of(where, key), "must be an array of strings");
        }
        list.push_back(item.get<std::string>());
    }
    return list;
}

std::map<std::string, std::string> string_map(const Json& object,
                                              std::string_view key,
                                              const std::string& where) {
    const Json* member = find_member(object, key);
    if (member == nullptr) {
        return {};
    }
    if (!member->is_object()) {
        throw_invalid(path_of(where, key), "must be an object of strings");
    }
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : member->items()) {
        if (value.is_string()) {
            map.emplace(name, value.get<std::string>());
        } else if (!value.is_null()) {
            // Shown, not refused: the bytes are kept as they are (ANN-01).
            map.emplace(name, "(invalid: not a string)");
        }
    }
    return map;
}

std::uint64_t size_of_json(const Json& value, const std::string& where) {
    constexpr std::uint64_t kLargest = INT64_MAX;
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kLargest) {
        throw_invalid(where, "must be a whole number of bytes");
    }
    return value.get<std::uint64_t>();
}

std::vector<std::string> member_names(const Json& object,
                                      std::string_view key,
                                      const std::string& where) {
    const Json* member = find_member(object, key);
    if (member == nullptr) {
        return {};
    }
    if (!member->is_object()) {
        throw_invalid(path_of(where, key), "must be an object");
    }
    std::vector<std::string> names;
    for (const auto& [name, value] : member->items()) {
        names.push_back(name);
    }
    return names;
}

}  // namespace regtool::model
