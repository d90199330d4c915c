#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string image;
};

/// The platforms of a comma list that the image lacks.
std::vector<std::string> missing_platforms(Session& session,
                                           store::ImageStore& store,
                                           const std::string& list) {
    std::vector<std::string> missing;
    for (const std::string_view text : base::split(list, ',')) {
        const auto platform = model::Platform::parse(text);
        try {
            (void)ops::choose_image(store, platform, session.stop());
        } catch (const base::UsageError&) {  // the image is there, this platform is not
            missing.push_back(platform.str());
        }
    }
    return missing;
}

ExitCode answer(Session& session,
                const std::string& name,
                bool exists,
                const std::vector<std::string>& missing) {
    if (session.out().structured()) {
        session.out().object(
            {{"reference", name}, {"exists", exists}, {"missing_platforms", missing}});
    }
    for (const std::string& platform : missing) {
        session.log().info(name + " has no " + platform);
    }
    return exists ? ExitCode::ok : ExitCode::no;
}

ExitCode run(const Options& options, Session& session) {
    const auto store = session.open(options.image);
    try {
        std::vector<std::string> missing;
        if (session.options.platform.empty()) {
            (void)store->resolve(session.stop());
        } else {
            missing = missing_platforms(session, *store, session.options.platform);
        }
        return answer(session, store->name(), missing.empty(), missing);
    } catch (const base::NotFound& error) {
        session.log().info(error.message());
        return answer(session, store->name(), false, {});
    }
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to look for")->required();
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool exists localhost:5000/app:v1 || echo 'not there'", "A question for a script"},
    Example{"regtool exists --platform linux/amd64,linux/arm64 alpine", "All of these platforms"},
};

}  // namespace

constinit const CommandSpec kExists{
    .path = "exists",
    .alias = "",
    .group = "Look at an image",
    .summary = "Tell by the exit code whether an image exists",
    .description =
        "Exit code 0 is yes, 1 a definite no; anything else says why it could not be known. Prints "
        "nothing; -v says what is missing. With --platform P,… every platform of the list must be "
        "there. "
        "JSON keys: reference, exists, missing_platforms.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
