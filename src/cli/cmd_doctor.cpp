#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/doctor.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

/// A host alone has no slash, and looks like one.
bool is_host(const std::string& text) {
    return text.find('/') == std::string::npos && text.find('@') == std::string::npos &&
           (text.find('.') != std::string::npos || text == "localhost" ||
            text.find(':') != std::string::npos);
}

base::ExitCode run(const std::string& subject, Session& session) {
    std::optional<model::Reference> image;
    if (!is_host(subject)) {
        image = model::Reference::parse(subject);
    }
    const auto host = image ? image->registry() : model::RegistryHost::parse(subject);
    const ops::DoctorReport report = examine(session, host, image);
    ui::show(session.out(), report);
    return report.code;
}

void declare(Arguments& app, Session& session) {
    auto subject = std::make_shared<std::string>();
    app.add_option("SUBJECT", *subject, "HOST or IMAGE")->required();
    session.action = [subject, &session] { return run(*subject, session); };
}

constexpr std::array kExamples{
    Example{"regtool doctor registry.example", "Name, TLS, clock, credentials of a registry"},
    Example{"regtool doctor registry.example/team/app:v1", "And what it offers for an image"},
    Example{"regtool doctor localhost:5000 --jq '.findings[] | select(.verdict != \"good\")'",
            "Only what is wrong"},
};

}  // namespace

constinit const CommandSpec kDoctor{
    .path = "doctor",
    .alias = "",
    .group = "Access and self",
    .summary = "Find out why a registry does not do what it should",
    .description =
        "Walks the way that every command goes, step by step, and says what it sees and what to "
        "do: "
        "name, proxy, connection, certificates and their days left, HTTP version, clock, which "
        "credentials are taken and why, token server and scopes, catalog, and for an IMAGE its "
        "digest, referrers, ranges and rate limits. Changes nothing. The exit code is that of the "
        "first failure. JSON keys: subject, exit_code, findings (area, verdict, text, advice).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
