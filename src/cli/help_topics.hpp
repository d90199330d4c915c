#pragma once

#include <span>
#include <string_view>

namespace regtool::cli {

struct Topic {
    std::string_view name;
    std::string_view title;
    std::string_view text;  ///< paragraphs; lines that begin with a blank are kept as they are
};

/// The pages of `regtool help TOPIC`; the manual page repeats them.
[[nodiscard]] std::span<const Topic> topics() noexcept;

}  // namespace regtool::cli
