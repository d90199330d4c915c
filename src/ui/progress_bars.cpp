#include <algorithm>
#include <mutex>

#include "regtool/base/text.hpp"
#include "regtool/ui/table.hpp"
#include "ui/progress_views.hpp"

namespace regtool::ui {

namespace {

using namespace std::chrono_literals;
using TimePoint = TransferState::TimePoint;

constexpr auto kQuietTime = 300ms;  ///< short work shows nothing
constexpr auto kRedrawInterval = 100ms;
constexpr std::size_t kMaxBars = 8;
constexpr std::size_t kBarColumns = 24;
constexpr std::size_t kLabelColumns = 28;

std::string padded(std::string text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return width < columns ? text + std::string(columns - width, ' ') : text;
}

std::string bar_of(double part) {
    const auto full = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * kBarColumns);
    std::string bar;
    for (std::size_t i = 0; i < kBarColumns; ++i) {
        bar += i < full ? "━" : "╌";
    }
    return bar;
}

/// "layer 3f4a9c21b0de  ━━━━╌╌╌╌  12.3 MB / 45.6 MB  25.1 MB/s  0:01 left"
std::string line_of(const TransferState& transfer, TimePoint now, std::size_t columns) {
    std::string line = padded(base::printable(transfer.label, kLabelColumns), kLabelColumns) + " ";
    if (transfer.total && *transfer.total > 0) {
        line +=
            bar_of(static_cast<double>(transfer.done) / static_cast<double>(*transfer.total)) + " ";
    }
    line += base::human_size(transfer.done);
    if (transfer.total) {
        line += " / " + base::human_size(*transfer.total);
    }
    const auto time = now - transfer.began;
    if (const std::string speed = speed_text(transfer.done, time); !speed.empty()) {
        line += "  " + speed;
        if (transfer.total && transfer.done > 0 && *transfer.total > transfer.done) {
            const double left = std::chrono::duration<double>(time).count() *
                                static_cast<double>(*transfer.total - transfer.done) /
                                static_cast<double>(transfer.done);
            line +=
                "  " + time_text(std::chrono::seconds(static_cast<std::int64_t>(left))) + " left";
        }
    }
    // A line that wraps would spoil the next redraw.
    while (display_width(line) >= columns && !line.empty()) {
        line.pop_back();
    }
    return line;
}

class BarProgress final : public ProgressView {
  public:
    BarProgress(int fd, const Terminal& terminal, base::Clock& clock)
        : fd_(fd), columns_(terminal.columns), clock_(clock), start_(clock.monotonic()) {
        whole_.label = "all";
        whole_.total = 0;
        whole_.began = start_;
    }

    ~BarProgress() override { pause(); }

    BarProgress(const BarProgress&) = delete;
    BarProgress& operator=(const BarProgress&) = delete;
    BarProgress(BarProgress&&) = delete;
    BarProgress& operator=(BarProgress&&) = delete;

    Id started(std::string_view label, std::optional<std::uint64_t> total) noexcept override {
        return guarded([&] {
            const Id id = ++last_id_;
            const TimePoint now = clock_.monotonic();
            transfers_.emplace(id, TransferState{base::printable(label), total, 0, now, now});
            whole_.total =
                total && whole_.total ? std::optional(*whole_.total + *total) : std::nullopt;
            redraw_when_due(now);
            return id;
        });
    }

    void advanced(Id id, std::uint64_t bytes) noexcept override {
        guarded([&] {
            transfers_.at(id).done += bytes;
            whole_.done += bytes;
            redraw_when_due(clock_.monotonic());
            return id;
        });
    }

    void finished(Id id, ops::TransferEnd /*how*/) noexcept override {
        guarded([&] {
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
        std::string frame = erasure();
        drawn_lines_ = 0;
        for (const auto& [id, transfer] : transfers_) {
            if (drawn_lines_ == kMaxBars) {
                break;
            }
            frame += line_of(transfer, now, columns_) + "\n";
            ++drawn_lines_;
        }
        if (last_id_ > 1 && !transfers_.empty()) {
            frame += line_of(whole_, now, columns_) + "\n";
            ++drawn_lines_;
        }
        write_progress(fd_, frame);
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
    std::size_t columns_;
    base::Clock& clock_;
    TimePoint start_;
    TimePoint drawn_at_{};
    std::mutex mutex_;
    std::map<Id, TransferState> transfers_;
    TransferState whole_;
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
