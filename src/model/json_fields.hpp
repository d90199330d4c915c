#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::model {

using Json = nlohmann::ordered_json;

// Typed access to the members of a document. A member that is absent or null is "not there"; one of
// another type throws InvalidDocument naming `where`.

/// nullptr when absent or null.
[[nodiscard]] const Json* find_member(const Json& object, std::string_view key);
[[nodiscard]] std::string string_member(const Json& object,
                                        std::string_view key,
                                        const std::string& where);
[[nodiscard]] std::vector<std::string> string_list(const Json& object,
                                                   std::string_view key,
                                                   const std::string& where);
[[nodiscard]] std::map<std::string, std::string> string_map(const Json& object,
                                                            std::string_view key,
                                                            const std::string& where);
/// An integer from 0 to 2^63 - 1 (DIG-06).
[[nodiscard]] std::uint64_t size_of_json(const Json& value, const std::string& where);
/// The names of an object used as a set ("ExposedPorts": {"80/tcp": {}}).
[[nodiscard]] std::vector<std::string> member_names(const Json& object,
                                                    std::string_view key,
                                                    const std::string& where);

[[noreturn]] void throw_invalid(const std::string& where, const std::string& why);

}  // namespace regtool::model
