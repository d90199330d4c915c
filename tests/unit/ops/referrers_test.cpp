#include "regtool/ops/referrers.hpp"

#include "support/catch.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

namespace {

/// Answers with everything that was added, whatever is asked about: a registry that claims too
/// much.
class Claiming final : public test::MemoryStore {
  public:
    std::vector<model::Descriptor> claimed;
    std::vector<std::string> asked;

    std::vector<model::Descriptor> referrers(const model::Digest& subject,
                                             std::string_view /*artifact_type*/,
                                             std::stop_token /*stop*/) override {
        asked.push_back(subject.str());
        return claimed;
    }

    /// An artifact about `subject`, the JSON of a descriptor.
    void add_artifact(const std::string& subject, const std::string& type) {
        const std::string text = R"({"schemaVersion":2,"artifactType":")" + type +
                                 R"(","config":)" +
                                 describe("application/vnd.oci.empty.v1+json", "{}") +
                                 R"(,"layers":[],"subject":)" + subject + "}";
        add_blob(text);
        claimed.push_back({"application/vnd.oci.image.manifest.v1+json",
                           model::Digest::sha256_of(text),
                           text.size(),
                           {},
                           {},
                           "application/claimed",
                           {},
                           {}});
    }
};

std::string digest_in(const std::string& descriptor) {
    const auto at = descriptor.find("sha256:");
    return descriptor.substr(at, descriptor.find('"', at) - at);
}

}  // namespace

TEST_CASE("RFR-14 an index is asked about itself, or about the image of a platform") {
    Claiming store;
    const std::string amd = store.add_image({"a"}, test::config_of("amd64"));
    const std::string index = store.add_index({{amd, "amd64"}});
    const auto of = [&store](const std::optional<model::Platform>& platform) {
        return ops::find_referrers(store, platform, {}, {}).subject;
    };
    CHECK(of(std::nullopt) == "memory@" + digest_in(index));
    CHECK(of(model::Platform::parse("linux/amd64")) == "memory@" + digest_in(amd));
    CHECK(store.asked == std::vector{digest_in(index), digest_in(amd)});
    CHECK_THROWS_AS(of(model::Platform::parse("linux/s390x")), base::UsageError);
}

TEST_CASE(
    "RFR-15 T-42 each one is read where it is asked for, and what is about something else is left "
    "out") {
    Claiming store;
    const std::string other = store.add_image({"b"}, test::config_of("arm64"));
    const std::string image = store.add_image({"a"}, test::config_of("amd64"));
    store.add_artifact(image, "application/true");
    store.add_artifact(other, "application/false");
    const auto claimed = ops::find_referrers(store, {}, {}, {});
    CHECK(claimed.referrers.size() == 2);
    CHECK(claimed.referrers.at(0).artifact_type == "application/claimed");
    ops::ReferrersQuery query;
    query.strict = true;
    const auto report = ops::find_referrers(store, {}, query, {});
    REQUIRE(report.referrers.size() == 1);
    CHECK(report.referrers.at(0).artifact_type == "application/true");
    CHECK(report.left_out.size() == 1);
    query.artifact_type = "application/claimed";
    CHECK(ops::find_referrers(store, {}, query, {}).referrers.empty());
}
