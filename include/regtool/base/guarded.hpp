#pragma once

#include <mutex>
#include <utility>

namespace regtool::base {

/// A value that can only be reached under its own mutex.
template <class T>
class Guarded {
  public:
    Guarded() = default;

    explicit Guarded(T value) : value_(std::move(value)) {}

    /// Runs `use(value)` under the lock and returns what it returns. Never call back into the same
    /// Guarded.
    template <class Use>
    decltype(auto) with(Use&& use) {
        const std::scoped_lock lock(mutex_);
        return std::forward<Use>(use)(value_);
    }

    template <class Use>
    decltype(auto) with(Use&& use) const {
        const std::scoped_lock lock(mutex_);
        return std::forward<Use>(use)(value_);
    }

  private:
    mutable std::mutex mutex_;
    T value_{};
};

}  // namespace regtool::base
