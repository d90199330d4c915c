#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace regtool::store {

/// A JSON object's text cut at the elements of one of its arrays: `head` + elements joined by
/// commas + `tail` is the text again.
struct ArrayCut {
    std::string head;
    std::vector<std::string> elements;
    std::string tail;
};

/// `text` must be a valid JSON object, as base::parse_json makes sure. An absent member is added as
/// an empty array at the end, null becomes one. Throws InvalidDocument when the member is something
/// else, or its name is spelt with escapes.
[[nodiscard]] ArrayCut cut_array(std::string_view text, std::string_view member);

}  // namespace regtool::store
