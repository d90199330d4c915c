#include "regtool/ops/name_filter.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

NameFilter::NameFilter(const std::string& option, const std::string& expression)
    : compiled_(new regex_t, &release) {
    const int code = regcomp(compiled_.get(), expression.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        char text[128];
        regerror(code, compiled_.get(), text, sizeof text);
        throw base::UsageError(option + " '" + base::printable(expression) + "': " + text);
    }
}

void NameFilter::release(regex_t* regex) {
    regfree(regex);
    std::default_delete<regex_t>{}(regex);
}

}  // namespace regtool::ops
