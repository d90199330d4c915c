#pragma once

#include <string_view>

namespace regtool::base {

/// Where the floors below the command line say what is not a result: never secrets, never a final
/// error. Implementations are thread-safe, cheap and do not throw.
class Log {
  public:
    virtual ~Log() = default;
    /// Something the user should know although the work goes on. Shown unless --quiet.
    virtual void warn(std::string_view message) noexcept = 0;
    /// Shown with -v.
    virtual void info(std::string_view message) noexcept = 0;
    /// One line of --trace: request and answer with secrets already removed.
    virtual void trace(std::string_view message) noexcept = 0;
    /// Lets callers skip building trace text.
    [[nodiscard]] virtual bool tracing() const noexcept = 0;
};

/// Drops everything.
class NullLog final : public Log {
  public:
    void warn(std::string_view) noexcept override {}

    void info(std::string_view) noexcept override {}

    void trace(std::string_view) noexcept override {}

    [[nodiscard]] bool tracing() const noexcept override { return false; }
};

}  // namespace regtool::base
