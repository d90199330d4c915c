#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/ui/progress_view.hpp"

namespace regtool::ui {

/// One transfer as the views see it.
struct TransferState {
    using TimePoint = std::chrono::steady_clock::time_point;

    std::string label;  ///< printable
    std::optional<std::uint64_t> total;
    std::uint64_t done = 0;
    TimePoint began;
    TimePoint reported;  ///< when a line was last written about it
};

[[nodiscard]] std::string_view to_string(ops::TransferEnd how) noexcept;
/// "12.4 MB/s"; empty while there is nothing to divide.
[[nodiscard]] std::string speed_text(std::uint64_t bytes, std::chrono::steady_clock::duration time);
/// "1:05", "2:03:04"
[[nodiscard]] std::string time_text(std::chrono::seconds time);

enum class PlainStart { at_once, when_long };

[[nodiscard]] std::unique_ptr<ProgressView> make_bar_progress(int fd,
                                                              const Terminal& terminal,
                                                              base::Clock& clock);
[[nodiscard]] std::unique_ptr<ProgressView> make_plain_progress(int fd,
                                                                PlainStart start,
                                                                base::Clock& clock);
[[nodiscard]] std::unique_ptr<ProgressView> make_json_progress(int fd, base::Clock& clock);

/// Writes to stderr and forgets about it.
void write_progress(int fd, std::string_view text) noexcept;

}  // namespace regtool::ui
