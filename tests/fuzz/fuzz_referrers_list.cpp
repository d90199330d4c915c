#include <map>
#include <string>

#include "fuzz/fuzz.hpp"
#include "registry/referrers_list.hpp"
#include "regtool/base/error.hpp"
#include "regtool/model/media_type.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using namespace regtool::fuzz;
using http::HttpRequest;
using http::HttpResponse;
using http::Method;

namespace {

const std::string kIndex(model::media_type::kOciIndex);
const model::Digest kSubject = model::Digest::sha256_of("subject");

/// The subject has no size or type worth checking: only its digest counts.
const model::Manifest kReferrer = model::Manifest::parse(
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{)"
    R"("mediaType":"a/b","digest":")" +
        model::Digest::sha256_of("{}").str() +
        R"(","size":2},"layers":[],"subject":{"mediaType":"a/b","size":1,"digest":")" +
        kSubject.str() + "\"}}",
    "");

std::optional<std::map<std::string, int>> entries_of(const std::string& text) {
    try {
        const auto manifest = model::Manifest::parse(text, kIndex);
        if (manifest.index() == nullptr) {
            return std::nullopt;
        }
        std::map<std::string, int> entries;
        for (const model::Descriptor& entry : manifest.index()->manifests) {
            ++entries[entry.digest.str()];
        }
        return entries;
    } catch (const base::Error&) {
        return std::nullopt;
    }
}

/// A registry without the API, where other clients write whenever the input says so, though not in
/// the one moment that no client can see.
struct Registry {
    std::string list;
    std::string_view script;
    std::map<std::string, int> added;
    std::size_t next = 0;

    HttpResponse answer(const HttpRequest& request) {
        if (request.url.find("/manifests/sha256-") == std::string::npos) {
            return test::respond(request.method == Method::put ? 201 : 404);
        }
        if (request.method == Method::put) {
            list = request.body;
            return test::respond(201);
        }
        const bool intrudes = next < script.size() && script[next++] % 2 != 0;
        if (intrudes && entries_of(list)) {
            const std::string name = std::to_string(next);
            auto others = registry::ReferrersList::parse(list);
            model::Descriptor entry = kReferrer.referrer_descriptor();
            entry.digest = model::Digest::sha256_of(name);
            require(others.add(entry));
            list = others.text();
            added[entry.digest.str()] = 1;
        }
        return test::respond(200,
                             {{"Content-Type", kIndex},
                              {"Docker-Content-Digest", model::Digest::sha256_of(list).str()}},
                             request.method == Method::get ? list : "");
    }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-32: no entry is lost, none doubled, and what is no list stays as it is. The first byte
    // says how much of the rest is the script, what follows is the list.
    if (size < 1) {
        return 0;
    }
    const std::string_view text = text_of(data, size).substr(1);
    const std::size_t steps = std::min<std::size_t>(data[0] % 16, text.size());
    const std::string before(text.substr(steps));
    auto expected = entries_of(before);
    Registry registry{before, text.substr(0, steps), {}};
    test::RegistryLab lab([&](const HttpRequest& request) { return registry.answer(request); });
    try {
        lab.client.put_manifest(model::Reference::parse("h.test/r@" + kReferrer.digest().str()),
                                kReferrer, {});
    } catch (const base::Error&) {
        require(expected || registry.list == before);
        return 0;
    }
    require(expected.has_value());
    expected->insert(registry.added.begin(), registry.added.end());
    expected->emplace(kReferrer.digest().str(), 1);
    require(entries_of(registry.list) == expected);
    return 0;
}
