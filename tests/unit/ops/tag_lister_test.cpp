#include "regtool/ops/tag_lister.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/ops/fake_registry.hpp"

using namespace regtool;

namespace {

std::vector<std::string> list(test::FakeRegistry& registry, const ops::TagQuery& query) {
    std::vector<std::string> names;
    ops::list_tags(registry.lab.client, model::Repository::parse("reg.test/r"), query,
                   [&](const ops::TagRow& row) { names.push_back(row.name); }, {});
    return names;
}

}  // namespace

TEST_CASE("LST-09 filters, ranges, orders and limits") {
    test::FakeRegistry registry;
    for (const char* tag : {"1.10.0", "1.2.0", "2.0.0-rc.1", "latest"}) {
        registry.add(tag, test::artifact(tag), test::kManifestType);
    }
    ops::TagQuery query;
    CHECK(list(registry, query).size() == 4);
    query.filter = "^1\\.";
    CHECK(list(registry, query) == std::vector<std::string>{"1.10.0", "1.2.0"});
    query.filter.clear();
    query.semver = "^1.0";
    query.order = ops::TagOrder::semver;
    const auto versions = list(registry, query);
    REQUIRE(versions.size() == 2);
    CHECK(versions[0] != versions[1]);
    query = {};
    query.limit = 3;
    CHECK(list(registry, query).size() == 3);
    query = {};
    query.points_at = model::Digest::sha256_of(test::artifact("latest"));
    CHECK(list(registry, query) == std::vector<std::string>{"latest"});
}

TEST_CASE("malformed filters are usage errors, before any request") {
    test::FakeRegistry registry;
    ops::TagQuery query;
    query.filter = "(";
    CHECK_THROWS_AS(list(registry, query), base::UsageError);
    query.filter.clear();
    query.semver = ">>";
    CHECK_THROWS_AS(list(registry, query), base::UsageError);
    CHECK(registry.lab.fake.requests().empty());
}
