#include <sys/ioctl.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "regtool/base/text.hpp"
#include "regtool/ui/table.hpp"
#include "ui/progress_views.hpp"
#include "ui/progress_whole.hpp"

namespace regtool::ui {

namespace {

using namespace std::chrono_literals;
using TimePoint = TransferState::TimePoint;

constexpr auto kQuietTime = 300ms;  ///< short work shows nothing
constexpr auto kRedrawInterval = 100ms;
constexpr std::size_t kMaxBars = 8;
constexpr std::size_t kWideColumns = 72;    ///< room for bar, sizes, speed and time
constexpr std::size_t kMediumColumns = 52;  ///< room for sizes, speed and time
constexpr std::size_t kLabelColumns = 19;   ///< "layer 3f4a9c21b0de"
constexpr std::size_t kMaxBarColumns = 28;
constexpr std::size_t kMinBarColumns = 8;

/// One line's numbers.
struct BarLine {
    std::string label;
    std::uint64_t done = 0;
    std::optional<std::uint64_t> total;
    const RateMeter* rate;
};

std::string left_padded(const std::string& text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return (width < columns ? std::string(columns - width, ' ') : "") + text;
}

std::string right_padded(std::string text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return width < columns ? text + std::string(columns - width, ' ') : text;
}

std::string bar_of(double part, std::size_t columns, bool color) {
    const auto full =
        static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(columns));
    std::string bar = color ? "\x1b[36m" : "";
    for (std::size_t i = 0; i < columns; ++i) {
        if (color && i == full) {
            bar += "\x1b[0;2m";
        }
        bar += i < full ? "━" : "╌";
    }
    return bar + (color ? "\x1b[0m" : "");
}

std::string percent_of(const BarLine& line) {
    if (!line.total) {
        return {};
    }
    const std::uint64_t percent =
        *line.total == 0 ? 100
                         : static_cast<std::uint64_t>(100.0 * static_cast<double>(line.done) /
                                                      static_cast<double>(*line.total));
    return std::to_string(std::min<std::uint64_t>(percent, 100)) + "%";
}

std::string speed_of(const BarLine& line) {
    return line.rate->rate() < 1
               ? std::string()
               : base::human_size(static_cast<std::uint64_t>(line.rate->rate())) + "/s";
}

std::string left_of(const BarLine& line) {
    if (!line.total || line.done >= *line.total) {
        return {};
    }
    const auto left = line.rate->time_for(*line.total - line.done);
    return left ? time_text(*left) : std::string();
}

std::string sizes_of(const BarLine& line) {
    const std::string done = base::human_size(line.done);
    return line.total ? done + " / " + base::human_size(*line.total) : done;
}

/// A line that wraps would spoil the next redraw.
std::string cut(std::string text, std::size_t columns) {
    while (display_width(text) > columns) {
        text.pop_back();
    }
    return text;
}

/// "layer 3f4a9c21b0de  ━━━━╌╌╌╌  12.3 MB / 45.6 MB  25.1 MB/s  0:01 left", less where there is
/// less room: what is left out first is the bar, then the sizes.
std::string line_of(const BarLine& line, std::size_t columns, bool color) {
    constexpr std::size_t kSizes = 17;
    constexpr std::size_t kSpeed = 10;
    constexpr std::size_t kTime = 10;
    constexpr std::size_t kPercent = 4;
    // The last column stays free: some terminals wrap when it is written.
    const std::size_t room = columns - 1;
    const std::string left = left_of(line);
    const std::string label =
        right_padded(base::printable(line.label, kLabelColumns), kLabelColumns);
    if (columns < kMediumColumns) {
        return cut(right_padded(cut(line.label, kLabelColumns - 1), kLabelColumns - 1) + " " +
                       left_padded(percent_of(line), kPercent) + " " +
                       left_padded(speed_of(line), kSpeed) + " " + left,
                   room);
    }
    const std::string numbers = left_padded(sizes_of(line), kSizes) + " " +
                                left_padded(speed_of(line), kSpeed) + " " +
                                left_padded(left.empty() ? left : left + " left", kTime);
    if (columns < kWideColumns || !line.total) {
        return cut(label + " " + left_padded(percent_of(line), kPercent) + " " + numbers, room);
    }
    const std::size_t used = kLabelColumns + 1 + kSizes + 1 + kSpeed + 1 + kTime + 2;
    const std::size_t bar =
        std::clamp(room > used ? room - used : 0, kMinBarColumns, kMaxBarColumns);
    const double part =
        *line.total == 0 ? 1.0 : static_cast<double>(line.done) / static_cast<double>(*line.total);
    return label + " " + bar_of(part, bar, color) + " " + numbers;
}

/// "2 mounted (5.0 MB), 4 there already (200 MB)"
std::string spared_line(const WholeState& whole, std::size_t columns) {
    std::string text;
    const auto add = [&text](std::uint64_t count, std::uint64_t bytes, const char* what) {
        if (count > 0) {
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what + " (" +
                    base::human_size(bytes) + ")";
        }
    };
    add(whole.mounted_items(), whole.mounted_bytes(), "mounted");
    add(whole.skipped_items(), whole.skipped_bytes(), "there already");
    return cut(std::move(text), columns - 1);
}

class BarProgress final : public ProgressView {
  public:
    BarProgress(int fd, const Terminal& terminal, base::Clock& clock)
        : fd_(fd),
          terminal_(terminal),
          clock_(clock),
          start_(clock.monotonic()),
          whole_rate_(start_) {}

    ~BarProgress() override { pause(); }

    BarProgress(const BarProgress&) = delete;
    BarProgress& operator=(const BarProgress&) = delete;
    BarProgress(BarProgress&&) = delete;
    BarProgress& operator=(BarProgress&&) = delete;

    void planned(const ops::TransferPlan& plan) noexcept override {
        guarded([&] {
            whole_.planned(plan);
            return Id{0};
        });
    }

    Id started(std::string_view label, std::optional<std::uint64_t> total) noexcept override {
        return guarded([&] {
            const Id id = ++last_id_;
            const TimePoint now = clock_.monotonic();
            transfers_.emplace(id, Active{base::printable(label), total, 0, RateMeter(now)});
            whole_.started(total);
            redraw_when_due(now);
            return id;
        });
    }

    void advanced(Id id, std::uint64_t bytes) noexcept override {
        guarded([&] {
            transfers_.at(id).done += bytes;
            whole_.advanced(bytes);
            redraw_when_due(clock_.monotonic());
            return id;
        });
    }

    void finished(Id id, ops::TransferEnd how) noexcept override {
        guarded([&] {
            const Active& transfer = transfers_.at(id);
            whole_.finished(transfer.total, transfer.done, how);
            transfers_.erase(id);
            redraw_when_due(clock_.monotonic());
            return id;
        });
    }

    void pause() noexcept override {
        guarded([&] {
            erase();
            return Id{0};
        });
    }

  private:
    struct Active {
        std::string label;  ///< printable
        std::optional<std::uint64_t> total;
        std::uint64_t done = 0;
        RateMeter rate;
    };

    template <class Work>
    Id guarded(const Work& work) noexcept {
        try {
            const std::scoped_lock lock(mutex_);
            return work();
        } catch (...) {  // a missing bar is better than a broken transfer
            return 0;
        }
    }

    void redraw_when_due(TimePoint now) {
        if (now - start_ < kQuietTime || now - drawn_at_ < kRedrawInterval) {
            return;
        }
        drawn_at_ = now;
        const std::size_t columns = columns_now();
        std::vector<std::string> lines;
        for (auto& [id, transfer] : transfers_) {
            transfer.rate.sample(transfer.done, now);
            if (lines.size() < kMaxBars) {
                const std::uint64_t done =
                    std::min(transfer.done, transfer.total.value_or(UINT64_MAX));
                lines.push_back(line_of({transfer.label, done, transfer.total, &transfer.rate},
                                        columns, terminal_.color));
            }
        }
        add_whole(lines, now, columns);
        std::string frame = erasure();
        for (const std::string& line : lines) {
            frame += line + "\n";
        }
        drawn_lines_ = lines.size();
        write_progress(fd_, frame);
    }

    void add_whole(std::vector<std::string>& lines, TimePoint now, std::size_t columns) {
        whole_rate_.sample(whole_.done(), now);
        if (whole_.items() < 2 || (transfers_.empty() && !whole_.is_planned())) {
            return;
        }
        const std::string label = "all, " + std::to_string(whole_.finished_items()) + " of " +
                                  std::to_string(whole_.items()) + " done";
        lines.push_back(line_of({label, whole_.done(), whole_.total(), &whole_rate_}, columns,
                                terminal_.color));
        if (std::string spared = spared_line(whole_, columns); !spared.empty()) {
            lines.push_back(std::move(spared));
        }
    }

    /// A window can be made smaller while we draw.
    [[nodiscard]] std::size_t columns_now() const {
        winsize size{};
        const bool known = ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
        constexpr std::size_t kFewest = 20;
        return std::max(known ? size.ws_col : terminal_.columns, kFewest);
    }

    /// Up over what was drawn, and everything below cleared.
    [[nodiscard]] std::string erasure() const {
        return drawn_lines_ == 0 ? "" : "\x1b[" + std::to_string(drawn_lines_) + "A\r\x1b[J";
    }

    void erase() {
        write_progress(fd_, erasure());
        drawn_lines_ = 0;
    }

    int fd_;
    Terminal terminal_;
    base::Clock& clock_;
    TimePoint start_;
    TimePoint drawn_at_{};
    std::mutex mutex_;
    std::map<Id, Active> transfers_;
    WholeState whole_;
    RateMeter whole_rate_;
    std::size_t drawn_lines_ = 0;
    Id last_id_ = 0;
};

}  // namespace

std::unique_ptr<ProgressView> make_bar_progress(int fd,
                                                const Terminal& terminal,
                                                base::Clock& clock) {
    return std::make_unique<BarProgress>(fd, terminal, clock);
}

}  // namespace regtool::ui
