#include "cli/mirror_hosts.hpp"

#include "support/catch.hpp"

using namespace regtool;
using cli::MirrorHosts;
using model::RegistryHost;
using model::Repository;

TEST_CASE("MIR-06 who is met only as a mirror") {
    MirrorHosts hosts;
    CHECK_FALSE(hosts.is_mirror_only(RegistryHost::parse("m.test")));
    hosts.learn(Repository::parse("a.test/x"),
                {{{Repository::parse("m.test/x"), registry::Mirror::Serves::everything}},
                 Repository::parse("moved.test/x")});
    CHECK(hosts.is_mirror_only(RegistryHost::parse("m.test")));
    CHECK_FALSE(hosts.is_mirror_only(RegistryHost::parse("a.test")));
    CHECK_FALSE(hosts.is_mirror_only(RegistryHost::parse("moved.test")));
    // Named by the user as well: then it is for him to say what it may see.
    hosts.learn(Repository::parse("m.test/y"), {{}, Repository::parse("m.test/y")});
    CHECK_FALSE(hosts.is_mirror_only(RegistryHost::parse("m.test")));
}
