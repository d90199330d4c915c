#include "regtool/ops/content_facts.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::ops;

namespace {

const model::Digest kLayer = model::Digest::sha256_of("layer");

LayerFacts some_facts() {
    const std::string hash(64, 'a');
    LayerFacts facts;
    facts[0] = {hash};
    facts[7] = {hash,
                PackageFacts{PackageManager::rpm, {{"bash", "5-1", "x86_64"}, {"a", "1", ""}}}};
    facts[0xffffffff] = {hash, PackageFacts{PackageManager::apk, {}}};
    return facts;
}

}  // namespace

TEST_CASE("what was found out of contents is read as it was written") {
    CHECK(read_content_facts(kLayer, write_content_facts(kLayer, some_facts())) == some_facts());
    CHECK(read_content_facts(kLayer, write_content_facts(kLayer, {})).empty());
}

TEST_CASE("T-38 facts that are damaged, cut or of another layer are refused") {
    const std::string good = write_content_facts(kLayer, some_facts());
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_THROWS_AS(read_content_facts(kLayer, good.substr(0, size)), base::Error);
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string spoiled = good;
        spoiled[at] = static_cast<char>(spoiled[at] ^ 0x20);
        CAPTURE(at);
        std::optional<LayerFacts> read;
        try {  // what the frame's header says of sizes may change without harm
            read = read_content_facts(kLayer, spoiled);
        } catch (const base::Error&) {
        }
        CHECK((!read || *read == some_facts()));
    }
    CHECK_THROWS_AS(read_content_facts(model::Digest::sha256_of("other"), good),
                    base::InvalidDocument);
}
