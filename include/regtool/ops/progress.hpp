#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace regtool::ops {

enum class TransferEnd { done, failed, skipped, mounted };

/// What a copy is about to do, so that a view can tell how much of the whole is done.
struct TransferPlan {
    std::uint64_t items = 0;          ///< transfers that will be started
    std::uint64_t bytes = 0;          ///< of them
    std::uint64_t skipped_items = 0;  ///< there already
    std::uint64_t skipped_bytes = 0;
};

/// Hears how long work goes on. Calls come from any thread, must be cheap and never throw.
class ProgressListener {
  public:
    using Id = std::uint64_t;

    ProgressListener() = default;
    virtual ~ProgressListener() = default;
    ProgressListener(const ProgressListener&) = delete;
    ProgressListener& operator=(const ProgressListener&) = delete;
    ProgressListener(ProgressListener&&) = delete;
    ProgressListener& operator=(ProgressListener&&) = delete;

    /// Before the first transfer, where all of them are known. Without it the whole is what was
    /// started.
    virtual void planned(const TransferPlan& /*plan*/) noexcept {}

    /// A transfer begins; `label` is for people ("layer 3f4a9c21b0de"), `total` in bytes when
    /// known.
    virtual Id started(std::string_view label, std::optional<std::uint64_t> total) noexcept = 0;
    virtual void advanced(Id id, std::uint64_t bytes) noexcept = 0;
    virtual void finished(Id id, TransferEnd how) noexcept = 0;
};

/// Ends a transfer as failed unless told otherwise.
class TransferScope {
  public:
    TransferScope(ProgressListener& listener,
                  std::string_view label,
                  std::optional<std::uint64_t> total)
        : listener_(listener), id_(listener.started(label, total)) {}

    ~TransferScope() { listener_.finished(id_, end_); }

    TransferScope(const TransferScope&) = delete;
    TransferScope& operator=(const TransferScope&) = delete;
    TransferScope(TransferScope&&) = delete;
    TransferScope& operator=(TransferScope&&) = delete;

    void advance(std::uint64_t bytes) noexcept { listener_.advanced(id_, bytes); }

    void end(TransferEnd how) noexcept { end_ = how; }

  private:
    ProgressListener& listener_;
    ProgressListener::Id id_;
    TransferEnd end_ = TransferEnd::failed;
};

}  // namespace regtool::ops
