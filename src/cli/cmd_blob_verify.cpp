#include <algorithm>
#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/blob_writer.hpp"
#include "cli/image_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::vector<std::string> blobs;
    ops::BlobSelector selector;
    int parallel_ranges = 0;
};

std::uint64_t read_whole(Session& session, const OpenedBlob& opened) {
    ops::TransferScope transfer(session.progress(), opened.blob.label, opened.blob.expected.size);
    stream::NullSink nowhere;
    const std::uint64_t size = opened.store->fetch_blob(
        opened.blob.expected, nowhere, session.stop(),
        [&transfer](std::uint64_t bytes) { transfer.advance(bytes); }, nullptr);
    transfer.end(ops::TransferEnd::done);
    return size;
}

/// `result` says what is known so far, also when it throws.
void verify(Session& session,
            const std::string& name,
            const ops::BlobSelector& selector,
            ops::BlobVerification& result) {
    result.name = name;
    const OpenedBlob opened = open_blob_argument(session, name, selector);
    result.digest = opened.blob.expected.digest.str();
    result.size = read_whole(session, opened);
    result.ok = true;
}

ops::BlobVerification verify_one_of_many(Session& session,
                                         const std::string& name,
                                         const Options& options) {
    ops::BlobVerification result;
    try {
        verify(session, name, options.selector, result);
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error& error) {
        result.error = error.message();
        result.code = error.exit_code();
    }
    return result;
}

/// One wrong blob is what a caller must not miss; other failures of some are "partial".
ExitCode overall(const std::vector<ops::BlobVerification>& results) {
    const auto has = [&results](auto&& predicate) {
        return std::any_of(results.begin(), results.end(), predicate);
    };
    if (has([](const auto& r) { return r.code == ExitCode::integrity; })) {
        return ExitCode::integrity;
    }
    const ExitCode first = results.front().code;
    if (std::all_of(results.begin(), results.end(),
                    [first](const auto& r) { return r.code == first; })) {
        return first;
    }
    return ExitCode::partial;
}

ExitCode run(const Options& options, Session& session) {
    ui::Output& out = session.out();
    use_parallel_ranges(session, options.parallel_ranges);
    if (options.blobs.size() == 1) {
        ops::BlobVerification result;
        verify(session, options.blobs.front(), options.selector, result);
        out.begin_list();
        ui::show_item(out, result);
        out.end_list();
        return ExitCode::ok;
    }
    std::vector<ops::BlobVerification> results;
    out.begin_list();
    for (const std::string& name : options.blobs) {
        results.push_back(verify_one_of_many(session, name, options));
        ui::show_item(out, results.back());
    }
    out.end_list();
    return overall(results);
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("BLOB", options->blobs, "REPO@DIGEST, or an IMAGE with --layer or --config")
        ->required();
    add_blob_selector(app, options->selector);
    add_parallel_ranges(app, options->parallel_ranges);
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool blob verify localhost:5000/app:v1 --layer -1",
            "Is the top layer what the manifest says?"},
    Example{"regtool manifest localhost:5000/app:v1 --jq '.layers[].digest' | sed "
            "'s|^|localhost:5000/app@|' | xargs "
            "regtool blob verify",
            "All layers of an image"},
};

}  // namespace

constinit const CommandSpec kBlobVerify{.path = "blob verify",
                                        .alias = "",
                                        .group = "Blobs",
                                        .summary = "Read blobs and compare digest and size",
                                        .description =
                                            "Streams each blob, hashes it and compares digest and, "
                                            "where a manifest names it, size. Prints "
                                            "'sha256:… ok SIZE' for each. Exit code 7 when any "
                                            "blob is not what its digest says, with what was "
                                            "expected and what came; with several blobs all are "
                                            "tried. JSON keys of each element: name, "
                                            "digest, ok, size, exit_code, error.",
                                        .examples = kExamples,
                                        .declare = declare};

}  // namespace regtool::cli
