#include <array>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "cli/version.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/curl_client.hpp"
#include "regtool/layer/versions.hpp"
#include "regtool/stream/versions.hpp"

namespace regtool::cli {

namespace {

/// Every library that decides about bytes on the wire, as it says its own version: "name/version
/// name/version".
std::string libraries() {
    return http::transport_versions() + " " + layer::library_version() + " " +
           stream::library_versions();
}

base::ExitCode run(Session& session) {
    ui::Output& out = session.out();
    const std::string list = libraries();
    if (!out.structured()) {
        out.line("regtool " + std::string(kVersion));
        for (const std::string_view library : base::split(list, ' ')) {
            out.line("  " + std::string(library));
        }
        return base::ExitCode::ok;
    }
    nlohmann::ordered_json json{{"version", kVersion},
                                {"libraries", nlohmann::ordered_json::object()}};
    for (const std::string_view library : base::split(list, ' ')) {
        const std::size_t slash = std::min(library.find('/'), library.size());
        json["libraries"][std::string(library.substr(0, slash))] =
            library.substr(std::min(slash + 1, library.size()));
    }
    out.object(json);
    return base::ExitCode::ok;
}

void declare(Arguments&, Session& session) {
    session.action = [&session] { return run(session); };
}

constexpr std::array kExamples{
    Example{"regtool version", "Version and libraries, for a bug report"},
    Example{"regtool version --jq .version", "The version alone"},
};

}  // namespace

constinit const CommandSpec kVersionCommand{
    .path = "version",
    .alias = "",
    .group = "Access and self",
    .summary = "Show the version and those of the libraries",
    .description = "JSON keys: version, libraries.",
    .examples = kExamples,
    .declare = declare,
    .configured = false};

}  // namespace regtool::cli
