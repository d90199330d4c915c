#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "http/no_proxy.hpp"

using namespace regtool::fuzz;

namespace {

/// The rule for names, written once more in the most simple way.
bool names(std::string entry, const std::string& host) {
    while (!entry.empty() && entry.front() == '.') {
        entry.erase(0, 1);
    }
    while (!entry.empty() && entry.back() == '.') {
        entry.pop_back();
    }
    for (char& c : entry) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return !entry.empty() && (host == entry || host.ends_with("." + entry));
}

bool model_says(const std::string& host, const std::string& list) {
    std::string entry;
    bool found = false;
    for (const char c : list + ",") {
        if (c == ',' || c == ' ' || c == '\t') {
            found = found || names(entry, host);
            entry.clear();
        } else {
            entry += c;
        }
    }
    return found;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-18: names as in the reference model; addresses end, and a list never forgets an entry.
    const std::string list(text_of(data, size));
    for (const std::string host : {"reg.test", "a.reg.test", "xreg.test", "test"}) {
        const bool lone_star = list.find('*') != std::string::npos;
        require(lone_star || regtool::http::is_excepted(host, list) == model_says(host, list));
    }
    for (const std::string host : {"10.1.2.3", "fd00::1", "::ffff:10.1.2.3"}) {
        (void)regtool::http::is_excepted(host, list);
        require(regtool::http::is_excepted(host, list + "," + host));
    }
    return 0;
}
