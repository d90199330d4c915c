#include "regtool/ops/copier.hpp"

#include <algorithm>

#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "unit/ops/copy_lab.hpp"

using namespace regtool;
using test::copy;
using test::digest_in;
using test::MultiArch;

namespace {

const std::string kIndexType = "application/vnd.oci.image.index.v1+json";
const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";

std::size_t position(const test::MemoryTarget& target, const std::string& line) {
    const auto found = std::find(target.journal.begin(), target.journal.end(), line);
    REQUIRE(found != target.journal.end());
    return static_cast<std::size_t>(found - target.journal.begin());
}

}  // namespace

TEST_CASE("PUT-01 UPL-26 blobs, each once, then children, then the name; MED-20 byte for byte") {
    const MultiArch image;
    test::MemoryTarget target;
    const ops::CopyReport report = copy(image.store, target);
    const std::string root = digest_in(image.index);
    CHECK(report.images.at(0).digest == root);
    CHECK(report.images.at(0).source_digest == root);
    CHECK(report.images.at(0).target == "target@" + root);
    CHECK(target.names.at("v1") == root);
    CHECK(target.finished);
    CHECK(target.journal.back() == "name v1 " + root);
    const std::size_t first_manifest =
        std::min(position(target, "manifest " + digest_in(image.amd)),
                 position(target, "manifest " + digest_in(image.arm)));
    for (std::size_t i = 0; i < target.journal.size(); ++i) {
        CHECK((i < first_manifest) == target.journal[i].starts_with("blob "));
    }
    CHECK(model::Digest::sha256_of(target.manifests.at(root)).str() == root);
    // The shared layer went once.
    CHECK(ops::tally(report, ops::BlobAction::move).count == 5);
    CHECK(image.store->reads.at(model::Digest::sha256_of("shared").str()) == 1);
}

TEST_CASE("F-26 what is there already is not moved again") {
    const MultiArch image;
    test::MemoryTarget target;
    target.blobs[model::Digest::sha256_of("shared").str()] = "shared";
    const ops::CopyReport report = copy(image.store, target);
    CHECK(ops::tally(report, ops::BlobAction::present).count == 1);
    CHECK(ops::tally(report, ops::BlobAction::present).bytes == 6);
    CHECK_FALSE(image.store->reads.contains(model::Digest::sha256_of("shared").str()));
}

TEST_CASE("PUT-09 a name of a registry that has the digest already: nothing is read") {
    const MultiArch image;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    target.names["v1"] = digest_in(image.index);
    const ops::CopyReport report = copy(image.store, target);
    CHECK(report.images.at(0).unchanged);
    CHECK(target.journal.empty());
    CHECK(image.store->reads.empty());
}

TEST_CASE("several names, each given after all parts") {
    const MultiArch image;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    target.names["old"] = digest_in(image.index);
    (void)copy(image.store, target, {}, {"v1", "old", "latest"});
    CHECK(target.names.at("latest") == digest_in(image.index));
    // The one that was right already was left alone.
    CHECK(std::count_if(target.journal.begin(), target.journal.end(),
                        [](const std::string& line) { return line.starts_with("name "); }) == 2);
}

TEST_CASE("without a name the digest alone") {
    const MultiArch image;
    test::MemoryTarget target;
    target.must_be = model::Digest::parse(digest_in(image.index));
    (void)copy(image.store, target, {}, {});
    CHECK(target.names.empty());
    CHECK(target.manifests.contains(digest_in(image.index)));
    target.must_be = model::Digest::sha256_of("another");
    CHECK_THROWS_AS(copy(image.store, target, {}, {}), base::IntegrityError);
}

TEST_CASE("MNT-01 MNT-04 blobs of the same registry are mounted, moved where that fails") {
    const MultiArch image;
    image.store->be_repository("reg.test/from");
    test::MemoryTarget target(model::Repository::parse("reg.test/to"));
    target.mountable = {model::Digest::sha256_of("shared").str()};
    const ops::CopyReport report = copy(image.store, target);
    CHECK(ops::tally(report, ops::BlobAction::mount).count == 1);
    CHECK(ops::tally(report, ops::BlobAction::move).count == 4);
}

TEST_CASE("MNT-05 nothing is mounted from another registry") {
    const MultiArch image;
    image.store->be_repository("other.test/from");
    test::MemoryTarget target(model::Repository::parse("reg.test/to"));
    target.mountable = {model::Digest::sha256_of("shared").str()};
    CHECK(ops::tally(copy(image.store, target), ops::BlobAction::mount).count == 0);
}

TEST_CASE("MNT-07 PUT-07 a blob that was said to be there and is not is moved for real") {
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string root = store->add_image({"layer"}, test::config_of("amd64"));
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    const std::string layer = model::Digest::sha256_of("layer").str();
    target.blobs[layer] = "layer";
    target.before_name = [&](const std::string&) {
        if (store->reads[layer] == 0) {
            target.blobs.erase(layer);
        }
    };
    (void)copy(store, target);
    CHECK(target.names.at("v1") == digest_in(root));
    CHECK(target.blobs.at(layer) == "layer");
}

TEST_CASE("PLT-13 one platform is that image as it is, several make a smaller index") {
    MultiArch image;
    const std::string third = image.store->add_image({"shared"}, test::config_of("s390x"));
    const std::string all =
        image.store->add_index({{image.amd, "amd64"}, {image.arm, "arm64"}, {third, "s390x"}});
    ops::CopyOptions options;
    options.platforms = {model::Platform::parse("linux/arm64")};
    test::MemoryTarget one;
    const ops::CopyReport single = copy(image.store, one, options);
    CHECK(single.images.at(0).digest == digest_in(image.arm));
    CHECK(one.manifests.size() == 1);

    options.platforms.push_back(model::Platform::parse("linux/s390x"));
    test::MemoryTarget two;
    const ops::CopyReport smaller = copy(image.store, two, options);
    const std::string digest = smaller.images.at(0).digest;
    CHECK(digest != digest_in(all));
    CHECK(smaller.images.at(0).source_digest == digest_in(all));
    const auto index = model::Manifest::parse(two.manifests.at(digest), kIndexType);
    REQUIRE(index.index() != nullptr);
    CHECK(index.index()->manifests.size() == 2);
    CHECK_FALSE(two.manifests.contains(digest_in(image.amd)));

    options.platforms = {model::Platform::parse("linux/amd64"),
                         model::Platform::parse("linux/arm64"),
                         model::Platform::parse("linux/s390x")};
    test::MemoryTarget three;
    CHECK(copy(image.store, three, options).images.at(0).digest == digest_in(all));

    options.platforms = {model::Platform::parse("linux/riscv64")};
    CHECK_THROWS_AS(copy(image.store, three, options), base::UsageError);
}

TEST_CASE("PLT-12 PLT-13 platforms are also found in indexes in the index") {
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string amd = store->add_image({"a"}, test::config_of("amd64"));
    const std::string arm = store->add_image({"b"}, test::config_of("arm64"));
    const std::string s390 = store->add_image({"c"}, test::config_of("s390x"));
    const std::string inner = store->add_index({{arm, "arm64"}, {s390, "s390x"}});
    const std::string root = store->add_document(
        kIndexType, R"({"schemaVersion":2,"manifests":[)" + amd.substr(0, amd.size() - 1) +
                        R"(,"platform":{"os":"linux","architecture":"amd64"}},)" + inner + "]}");
    ops::CopyOptions options;
    options.platforms = {model::Platform::parse("linux/amd64"),
                         model::Platform::parse("linux/s390x")};
    test::MemoryTarget target;
    const ops::CopyReport report = copy(store, target, options);
    CHECK(report.images.at(0).source_digest == digest_in(root));
    const auto index =
        model::Manifest::parse(target.manifests.at(report.images.at(0).digest), kIndexType);
    REQUIRE(index.index() != nullptr);
    const auto& entries = index.index()->manifests;
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].digest.str() == digest_in(amd));
    CHECK(entries[1].digest.str() == digest_in(s390));
    CHECK_FALSE(target.manifests.contains(digest_in(inner)));

    options.platforms.push_back(model::Platform::parse("linux/riscv64"));
    CHECK_THROWS_AS(copy(store, target, options), base::UsageError);
}

TEST_CASE("PLT-14 MED-29 attestations follow their image") {
    test::MemoryStore plain;
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string amd = store->add_image({"a"}, test::config_of("amd64"));
    const std::string arm = store->add_image({"b"}, test::config_of("arm64"));
    const std::string s390 = store->add_image({"c"}, test::config_of("s390x"));
    const std::string statement = store->add_image({"statement"}, test::config_of("unknown"));
    const std::string other = store->add_image({"other"}, test::config_of("unknown"));
    const auto entry = [](const std::string& child, const std::string& more) {
        return child.substr(0, child.size() - 1) + "," + more + "}";
    };
    const auto platform = [](const std::string& os, const std::string& arch) {
        return R"("platform":{"os":")" + os + R"(","architecture":")" + arch + "\"}";
    };
    const auto attests = [&](const std::string& image) {
        return platform("unknown", "unknown") +
               R"(,"annotations":{"vnd.docker.reference.type":"attestation-manifest",)"
               R"("vnd.docker.reference.digest":")" +
               digest_in(image) + "\"}";
    };
    store->add_document(
        kIndexType, R"({"schemaVersion":2,"manifests":[)" + entry(amd, platform("linux", "amd64")) +
                        "," + entry(arm, platform("linux", "arm64")) + "," +
                        entry(s390, platform("linux", "s390x")) + "," +
                        entry(statement, attests(arm)) + "," + entry(other, attests(amd)) + "]}");
    ops::CopyOptions options;
    options.platforms = {model::Platform::parse("linux/arm64"),
                         model::Platform::parse("linux/s390x")};
    test::MemoryTarget target;
    const ops::CopyReport report = copy(store, target, options);
    CHECK(target.manifests.contains(digest_in(statement)));
    CHECK_FALSE(target.manifests.contains(digest_in(other)));
}

TEST_CASE("MED-27 T-27 nested indexes are walked, each child once, so deep and no deeper") {
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string image = store->add_image({"x"}, test::config_of("amd64"));
    std::string nested = store->add_index({{image, "amd64"}, {image, "arm64"}});
    const std::string diamond = store->add_index({{nested, "amd64"}, {image, "s390x"}});
    test::MemoryTarget target;
    (void)copy(store, target);
    CHECK(target.manifests.size() == 3);
    CHECK(store->reads.at(digest_in(image)) == 1);
    CHECK(position(target, "manifest " + digest_in(image)) <
          position(target, "manifest " + digest_in(nested)));
    CHECK(target.names.at("v1") == digest_in(diamond));
    for (int depth = 0; depth < 8; ++depth) {
        nested = store->add_index({{nested, "amd64"}});
    }
    test::MemoryTarget deep;
    CHECK_THROWS_AS(copy(store, deep), base::InvalidDocument);
    CHECK(deep.journal.empty());
}

TEST_CASE("MED-17 MED-18 artifacts of any type go over") {
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string root = store->add_document(
        kManifestType, R"( {"schemaVersion":2,"artifactType":"application/x.y","config":)" +
                           store->describe("application/vnd.oci.empty.v1+json", "{}") +
                           R"(,"layers":[)" + store->describe("text/plain", "hello") + "]}\n");
    test::MemoryTarget target;
    (void)copy(store, target);
    CHECK(target.names.at("v1") == digest_in(root));
    CHECK(target.blobs.contains(model::Digest::sha256_of("hello").str()));
}

TEST_CASE("DIG-11 embedded data stays where it is, and nowhere else is any") {
    const auto store = std::make_shared<test::MemoryStore>();
    std::string config = store->describe("application/vnd.oci.empty.v1+json", "{}");
    config.insert(config.size() - 1, R"(,"data":"e30=")");
    const std::string root = store->add_document(
        kManifestType, R"({"schemaVersion":2,"artifactType":"application/x.y","config":)" + config +
                           R"(,"layers":[)" + store->describe("text/plain", "hello") + "]}");
    test::MemoryTarget target;
    (void)copy(store, target);
    CHECK(target.names.at("v1") == digest_in(root));
    CHECK(target.blobs.contains(model::Digest::sha256_of("{}").str()));
}

TEST_CASE("MED-26 an index of nothing and an image without layers go over") {
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string image = store->add_image({}, test::config_of("amd64"));
    test::MemoryTarget target;
    (void)copy(store, target);
    CHECK(target.names.at("v1") == digest_in(image));
    CHECK(target.blobs.size() == 1);
    const std::string index = store->add_index({});
    (void)copy(store, target, {}, {"v2"});
    CHECK(target.names.at("v2") == digest_in(index));
}

TEST_CASE("MED-36 foreign layers stay where they are unless asked for") {
    const auto store = std::make_shared<test::MemoryStore>();
    const std::string foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    store->add_document("application/vnd.docker.distribution.manifest.v2+json",
                        R"({"schemaVersion":2,"config":)" +
                            store->describe("application/vnd.docker.container.image.v1+json",
                                            test::config_of("amd64")) +
                            R"(,"layers":[)" + store->describe(foreign, "windows") + "]}");
    test::MemoryTarget target;
    const ops::CopyReport report = copy(store, target);
    CHECK(ops::tally(report, ops::BlobAction::foreign).count == 1);
    CHECK(target.blobs.size() == 1);
    ops::CopyOptions options;
    options.foreign_layers = true;
    (void)copy(store, target, options);
    CHECK(target.blobs.contains(model::Digest::sha256_of("windows").str()));
}

TEST_CASE("T-01 MED-28 C6 wrong bytes, a lost layer or a lost child: 7, and no name") {
    MultiArch image;
    test::MemoryTarget target;
    const std::string layer = model::Digest::sha256_of("arm layer").str();
    SECTION("wrong bytes") {
        image.store->spoil(layer, "arm LAYER");
    }
    SECTION("lost layer") {
        image.store->forget(layer);
    }
    SECTION("lost child") {
        image.store->forget(digest_in(image.arm));
    }
    SECTION("wrong child") {
        image.store->spoil(
            digest_in(image.arm),
            R"({"schemaVersion":2,"config":)" +
                image.store->describe("application/vnd.oci.image.config.v1+json", "{}") +
                R"(,"layers":[]})");
        CHECK_THROWS_AS(copy(image.store, target), base::Error);
        CHECK(target.names.empty());
        return;
    }
    CHECK_THROWS_AS(copy(image.store, target), base::IntegrityError);
    CHECK(target.names.empty());
    CHECK_FALSE(target.finished);
}

TEST_CASE("PUT-10 F-39 a copy looks at its conditions before anything changes") {
    const MultiArch image;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    target.names["v1"] = model::Digest::sha256_of("another").str();
    ops::CopyOptions options;
    options.no_clobber = true;
    CHECK_THROWS_AS(copy(image.store, target, options), base::PreconditionError);
    options.no_clobber = false;
    options.if_digest = model::Digest::sha256_of("before");
    CHECK_THROWS_AS(copy(image.store, target, options), base::PreconditionError);
    CHECK(target.journal.empty());
}

TEST_CASE("F-39 a name that is taken by another writer meanwhile is no success") {
    const MultiArch image;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    const std::string other = model::Digest::sha256_of("another").str();
    target.after_name = [&](const std::string& name) { target.names[name] = other; };
    CHECK_THROWS_AS(copy(image.store, target), base::PreconditionError);
    // With --no-clobber one that appears while blobs move is left alone.
    test::MemoryTarget late(model::Repository::parse("reg.test/r"));
    late.mountable = {};
    ops::CopyOptions options;
    options.no_clobber = true;
    late.names.clear();
    test::NoProgress progress;

    struct Taking final : test::NoProgress {
        test::MemoryTarget* target = nullptr;
        std::string digest;

        void planned(const ops::TransferPlan& /*plan*/) noexcept override {
            target->names["v1"] = digest;
        }
    } taking;

    taking.target = &late;
    taking.digest = other;
    CHECK_THROWS_AS(ops::copy_images({{image.store, {"v1"}}}, late, options, taking, {}),
                    base::PreconditionError);
    CHECK(late.names.at("v1") == other);
}

TEST_CASE("a plan changes nothing") {
    const MultiArch image;
    image.store->be_repository("reg.test/from");
    test::MemoryTarget target(model::Repository::parse("reg.test/to"));
    target.blobs[model::Digest::sha256_of("shared").str()] = "shared";
    ops::CopyOptions options;
    options.dry_run = true;
    const ops::CopyReport report = copy(image.store, target, options);
    CHECK(target.journal.empty());
    CHECK_FALSE(target.finished);
    CHECK(report.dry_run);
    CHECK(ops::tally(report, ops::BlobAction::present).count == 1);
    CHECK(ops::tally(report, ops::BlobAction::mount).count == 4);
    CHECK(report.manifests_moved == 3);
}

TEST_CASE("F-08 a target that holds the beginning of a blob gets the rest") {
    const auto store = std::make_shared<test::MemoryStore>();
    store->add_image({"0123456789"}, test::config_of("amd64"));
    test::MemoryTarget target;
    const std::string layer = model::Digest::sha256_of("0123456789").str();
    target.held[layer] = "0123";
    (void)copy(store, target);
    CHECK(target.blobs.at(layer) == "0123456789");
    CHECK_FALSE(store->reads.contains(layer));  // only a range of it was asked for
}

TEST_CASE("F-40 of many images one that cannot be copied does not keep the others back") {
    const auto good = std::make_shared<test::MemoryStore>();
    const std::string root = good->add_image({"good"}, test::config_of("amd64"));
    const auto bad = std::make_shared<test::MemoryStore>();
    bad->add_image({"bad"}, test::config_of("amd64"));
    bad->spoil(model::Digest::sha256_of("bad").str(), "BAD");
    const auto gone = std::make_shared<test::MemoryStore>();
    const std::string lost = gone->add_image({"gone"}, test::config_of("amd64"));
    gone->add_index({{lost, "amd64"}});
    gone->forget(digest_in(lost));
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    ops::CopyOptions options;
    options.keep_going = true;
    test::NoProgress progress;
    const ops::CopyReport report = ops::copy_images(
        {{bad, {"bad"}}, {good, {"good"}}, {gone, {"gone"}}}, target, options, progress, {});
    CHECK(report.images.at(0).code == base::ExitCode::integrity);
    CHECK(report.images.at(1).error.empty());
    CHECK(report.images.at(2).code == base::ExitCode::integrity);
    CHECK(target.names == std::map<std::string, std::string>{{"good", digest_in(root)}});
}

TEST_CASE("PUT-10 of images whose names are left alone nothing is read or moved") {
    const auto add = [](const std::string& layer) {
        auto store = std::make_shared<test::MemoryStore>();
        store->add_image({"shared", layer}, test::config_of("amd64"));
        return store;
    };
    const auto refused = add("refused");
    const auto taken = add("taken");
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    const std::string before = model::Digest::sha256_of("another image").str();
    target.names["v1"] = before;
    ops::CopyOptions options;
    options.keep_going = true;
    options.no_clobber = true;
    options.dry_run = GENERATE(true, false);
    test::NoProgress progress;
    const ops::CopyReport report =
        ops::copy_images({{refused, {"v1"}}, {taken, {"v2"}}}, target, options, progress, {});
    CHECK(report.images.at(0).code == base::ExitCode::precondition);
    CHECK(report.images.at(0).error.find(before) != std::string::npos);
    CHECK(report.images.at(1).error.empty());
    CHECK(report.manifests_moved == 1);
    // Two layers and a configuration, none of them of the refused image alone.
    CHECK(ops::tally(report, ops::BlobAction::move).count == 3);
    CHECK(refused->reads.empty());
    CHECK_FALSE(target.blobs.contains(model::Digest::sha256_of("refused").str()));
    CHECK(target.names.at("v1") == before);
    CHECK(target.names.contains("v2") == !options.dry_run);
}

TEST_CASE("RFR-13 digest tags go with what they belong to, and theirs with them") {
    const MultiArch image;
    const auto tag_of = [](const std::string& digest, const std::string& what) {
        return "sha256-" + digest.substr(7) + "." + what;
    };
    const auto add = [&](const std::string& name) {
        auto& store = image.store->others[name] = std::make_shared<test::MemoryStore>();
        return digest_in(store->add_image({name}, test::config_of("amd64")));
    };
    const std::string sbom = tag_of(digest_in(image.arm), "sbom");
    const std::string signature_of_sbom = tag_of(add(sbom), "sig");
    add(signature_of_sbom);
    add("unrelated");
    add("sha256-" + digest_in(image.index).substr(7));
    add(tag_of(model::Digest::sha256_of("another").str(), "sig"));
    ops::CopyOptions options;
    options.digest_tags = true;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    const ops::CopyReport report = copy(image.store, target, options);
    CHECK(report.images.size() == 3);
    CHECK(target.names.size() == 3);
    CHECK(target.names.contains(sbom));
    CHECK(target.names.contains(signature_of_sbom));
}
