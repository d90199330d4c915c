#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string host;
    std::uint64_t limit = UINT64_MAX;
    std::string last;
};

ExitCode run(const Options& options, Session& session) {
    const auto host = model::RegistryHost::parse(options.host);
    ui::Output& out = session.out();
    std::uint64_t shown = 0;
    out.begin_list();
    session.registry().catalog(
        host, {.page_size = 0, .last = options.last},
        [&](const std::vector<std::string>& names) {
            for (const std::string& name : names) {
                if (shown++ == options.limit) {
                    return false;
                }
                if (out.structured()) {
                    out.item({{"name", name}});
                } else {
                    out.line(name);
                }
            }
            return shown < options.limit;
        },
        session.stop());
    out.end_list();
    return ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("HOST", options->host, "Registry, e.g. localhost:5000")->required();
    app.add_option("--limit", options->limit, "Stop after so many repositories")
        ->type_name("N")
        ->default_str("");
    app.add_option("--last", options->last, "Begin after this repository")->type_name("REPO");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool catalog localhost:5000", "All repositories"},
    Example{"regtool catalog localhost:5000 | while read -r r; do regtool tags "
            "\"localhost:5000/$r\"; done",
            "All tags of all repositories"},
};

}  // namespace

constinit const CommandSpec kCatalog{.path = "catalog",
                                     .alias = "repos",
                                     .group = "Look at an image",
                                     .summary = "List the repositories of a registry",
                                     .description =
                                         "Prints one repository a line, all pages. Many public "
                                         "registries do not offer their catalog. JSON "
                                         "key of each element: name.",
                                     .examples = kExamples,
                                     .declare = declare};

}  // namespace regtool::cli
