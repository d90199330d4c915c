#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace regtool::ui {

/// A compiled jq program. libjq is loaded on first use only: most runs never pay for it. One thread
/// at a time.
class JqFilter {
  public:
    /// Throws UsageError when the expression does not compile or libjq is not installed (with the
    /// package to install).
    explicit JqFilter(const std::string& expression);
    ~JqFilter();
    JqFilter(const JqFilter&) = delete;
    JqFilter& operator=(const JqFilter&) = delete;
    JqFilter(JqFilter&&) = delete;
    JqFilter& operator=(JqFilter&&) = delete;

    /// Feeds one JSON text; hands each result to `out` as `jq -r` would print it (strings raw;
    /// others as compact or indented JSON), without newline. Throws InvalidDocument when the
    /// program raises an error.
    void run(std::string_view json,
             bool indented,
             const std::function<void(std::string_view)>& out);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace regtool::ui
