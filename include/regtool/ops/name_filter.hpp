#pragma once

#include <regex.h>

#include <memory>
#include <string>

namespace regtool::ops {

/// An extended regular expression. POSIX regexec, not std::regex: that one recurses on long input.
class NameFilter {
  public:
    /// `option` is named in the UsageError for an expression that does not compile.
    NameFilter(const std::string& option, const std::string& expression);

    [[nodiscard]] bool matches(const std::string& name) const {
        return regexec(compiled_.get(), name.c_str(), 0, nullptr, 0) == 0;
    }

  private:
    static void release(regex_t* regex);

    std::unique_ptr<regex_t, void (*)(regex_t*)> compiled_;
};

}  // namespace regtool::ops
