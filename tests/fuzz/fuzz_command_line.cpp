#include <cstdlib>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

using namespace regtool;
using namespace regtool::fuzz;

namespace {

constexpr std::size_t kMaxWords = 64;

void require_bounded(const cli::GlobalOptions& options) {
    require(options.jobs >= 1 && options.jobs <= 64);
    require(options.retries >= 0 && options.retries <= 100);
    require(options.verbosity >= 0);
    require(options.connect_timeout.count() >= 0 && options.stall_timeout.count() >= 0);
    require(!options.timeout || options.timeout->count() >= 0);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-25: one word a line; each line of words is either something to do or a usage error.
    std::vector<std::string> words{"regtool"};
    for (const std::string_view word : base::split(text_of(data, size), '\n')) {
        if (words.size() > kMaxWords) {
            return 0;
        }
        // A word of a process ends at its first zero byte.
        words.emplace_back(word.substr(0, word.find('\0')));
    }
    std::vector<const char*> argv;
    for (const std::string& word : words) {
        argv.push_back(word.c_str());
    }
    cli::Session session;
    try {
        require(static_cast<bool>(
            cli::parse_command_line(session, static_cast<int>(argv.size()), argv.data())));
    } catch (const base::UsageError& error) {
        require(error.exit_code() == base::ExitCode::usage);
        return 0;
    }
    require_bounded(session.options);
    return 0;
}
