#include <mutex>
#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "ui/progress_views.hpp"
#include "ui/progress_whole.hpp"

namespace regtool::ui {

namespace {

using namespace std::chrono_literals;
using TimePoint = TransferState::TimePoint;

constexpr auto kPlainInterval = 10s;
constexpr auto kJsonInterval = 1s;

/// What both line views share: the transfers, a lock, and never an exception to the worker.
class LineProgress : public ProgressView {
  public:
    LineProgress(int fd, base::Clock& clock)
        : fd_(fd), clock_(clock), start_(clock.monotonic()), whole_reported_(start_) {}

    void planned(const ops::TransferPlan& plan) noexcept override {
        guarded([&] {
            whole_.planned(plan);
            on_planned(plan);
            return Id{0};
        });
    }

    Id started(std::string_view label, std::optional<std::uint64_t> total) noexcept override {
        return guarded([&] {
            const Id id = ++last_id_;
            const TimePoint now = clock_.monotonic();
            const auto entry =
                transfers_.emplace(id, TransferState{base::printable(label), total, 0, now, now});
            whole_.started(total);
            on_started(id, entry.first->second);
            return id;
        });
    }

    void advanced(Id id, std::uint64_t bytes) noexcept override {
        guarded([&] {
            TransferState& transfer = transfers_.at(id);
            transfer.done += bytes;
            whole_.advanced(bytes);
            const TimePoint now = clock_.monotonic();
            if (whole_.is_planned() && now - whole_reported_ >= interval()) {
                whole_reported_ = now;
                on_whole(whole_, now);
            }
            if (now - transfer.reported >= interval()) {
                transfer.reported = now;
                on_advanced(id, transfer, now);
            }
            return id;
        });
    }

    void finished(Id id, ops::TransferEnd how) noexcept override {
        guarded([&] {
            const TransferState& transfer = transfers_.at(id);
            whole_.finished(transfer.total, transfer.done, how);
            on_finished(id, transfer, how, clock_.monotonic());
            transfers_.erase(id);
            return id;
        });
    }

    void pause() noexcept override {}

  protected:
    void line(const std::string& text) const { write_progress(fd_, text + "\n"); }

    [[nodiscard]] TimePoint start() const noexcept { return start_; }

    virtual void on_planned(const ops::TransferPlan& plan) = 0;
    virtual void on_whole(const WholeState& whole, TimePoint now) = 0;
    virtual void on_started(Id id, const TransferState& transfer) = 0;
    virtual void on_advanced(Id id, const TransferState& transfer, TimePoint now) = 0;
    virtual void on_finished(Id id,
                             const TransferState& transfer,
                             ops::TransferEnd how,
                             TimePoint now) = 0;
    [[nodiscard]] virtual TimePoint::duration interval() const = 0;

  private:
    template <class Work>
    Id guarded(const Work& work) noexcept {
        try {
            const std::scoped_lock lock(mutex_);
            return work();
        } catch (...) {  // a missing line is better than a broken transfer
            return 0;
        }
    }

    int fd_;
    base::Clock& clock_;
    TimePoint start_;
    std::mutex mutex_;
    std::map<Id, TransferState> transfers_;
    WholeState whole_;
    TimePoint whole_reported_;
    Id last_id_ = 0;
};

class PlainProgress final : public LineProgress {
  public:
    PlainProgress(int fd, PlainStart start, base::Clock& clock)
        : LineProgress(fd, clock), start_mode_(start) {}

  private:
    void on_planned(const ops::TransferPlan& plan) override {
        if (start_mode_ == PlainStart::when_long || plan.items == 0) {
            return;
        }
        std::string text =
            "to move: " + std::to_string(plan.items) + " blobs, " + base::human_size(plan.bytes);
        if (plan.skipped_items > 0) {
            text += "; there already: " + std::to_string(plan.skipped_items) + ", " +
                    base::human_size(plan.skipped_bytes);
        }
        line(text);
    }

    void on_whole(const WholeState& whole, TimePoint now) override {
        const std::uint64_t total = whole.total().value_or(0);
        if (total == 0 || whole.items() < 2) {
            return;
        }
        const std::string speed = speed_text(whole.done(), now - start());
        line("all: " + std::to_string(whole.finished_items()) + " of " +
             std::to_string(whole.items()) + ", " + base::human_size(whole.done()) + " of " +
             base::human_size(total) + ", " + std::to_string(whole.done() * 100 / total) + " %" +
             (speed.empty() ? "" : ", " + speed));
    }

    void on_started(Id /*id*/, const TransferState& /*transfer*/) override {}

    void on_advanced(Id /*id*/, const TransferState& transfer, TimePoint now) override {
        std::string text = transfer.label + ": " + base::human_size(transfer.done);
        if (transfer.total && *transfer.total > 0) {
            text += " of " + base::human_size(*transfer.total) + ", " +
                    std::to_string(transfer.done * 100 / *transfer.total) + " %";
        }
        const std::string speed = speed_text(transfer.done, now - transfer.began);
        line(text + (speed.empty() ? "" : ", " + speed));
    }

    void on_finished(Id /*id*/,
                     const TransferState& transfer,
                     ops::TransferEnd how,
                     TimePoint now) override {
        if (start_mode_ == PlainStart::when_long && now - start() < kPlainInterval) {
            return;
        }
        std::string text = transfer.label + ": " + std::string(to_string(how));
        if (how == ops::TransferEnd::done) {
            text += ", " + base::human_size(transfer.done);
            const std::string speed = speed_text(transfer.done, now - transfer.began);
            text += speed.empty() ? "" : ", " + speed;
        }
        line(text);
    }

    TimePoint::duration interval() const override { return kPlainInterval; }

    PlainStart start_mode_;
};

class JsonProgress final : public LineProgress {
  public:
    using LineProgress::LineProgress;

  private:
    static nlohmann::ordered_json event(const char* name, Id id, const TransferState& transfer) {
        nlohmann::ordered_json json;
        json["event"] = name;
        json["id"] = id;
        json["label"] = transfer.label;
        json["bytes"] = transfer.done;
        json["total"] =
            transfer.total ? nlohmann::ordered_json(*transfer.total) : nlohmann::ordered_json();
        return json;
    }

    void on_planned(const ops::TransferPlan& plan) override {
        nlohmann::ordered_json json;
        json["event"] = "planned";
        json["items"] = plan.items;
        json["bytes"] = plan.bytes;
        json["skipped_items"] = plan.skipped_items;
        json["skipped_bytes"] = plan.skipped_bytes;
        line(json.dump());
    }

    void on_whole(const WholeState& /*whole*/, TimePoint /*now*/) override {}

    void on_started(Id id, const TransferState& transfer) override {
        line(event("started", id, transfer).dump());
    }

    void on_advanced(Id id, const TransferState& transfer, TimePoint /*now*/) override {
        line(event("advanced", id, transfer).dump());
    }

    void on_finished(Id id,
                     const TransferState& transfer,
                     ops::TransferEnd how,
                     TimePoint /*now*/) override {
        nlohmann::ordered_json json = event("finished", id, transfer);
        json["result"] = to_string(how);
        line(json.dump());
    }

    TimePoint::duration interval() const override { return kJsonInterval; }
};

}  // namespace

std::string_view to_string(ops::TransferEnd how) noexcept {
    switch (how) {
        case ops::TransferEnd::done:
            return "done";
        case ops::TransferEnd::failed:
            return "failed";
        case ops::TransferEnd::skipped:
            return "skipped";
        case ops::TransferEnd::mounted:
            return "mounted";
    }
    return "done";
}

std::string speed_text(std::uint64_t bytes, std::chrono::steady_clock::duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    constexpr double kTooShort = 0.05;
    if (seconds < kTooShort) {
        return {};
    }
    return base::human_size(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)) +
           "/s";
}

std::string time_text(std::chrono::seconds time) {
    const auto two = [](long long value) {
        return (value < 10 ? "0" : "") + std::to_string(value);
    };
    const long long seconds = time.count();
    const std::string tail = two(seconds % 60);
    if (seconds < 3600) {
        return std::to_string(seconds / 60) + ":" + tail;
    }
    return std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + tail;
}

std::unique_ptr<ProgressView> make_plain_progress(int fd, PlainStart start, base::Clock& clock) {
    return std::make_unique<PlainProgress>(fd, start, clock);
}

std::unique_ptr<ProgressView> make_json_progress(int fd, base::Clock& clock) {
    return std::make_unique<JsonProgress>(fd, clock);
}

}  // namespace regtool::ui
