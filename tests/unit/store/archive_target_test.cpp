#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/registry/registry_lab.hpp"
#include "unit/store/sample_images.hpp"

using namespace regtool;
namespace fs = std::filesystem;
using test::SampleImage;

namespace {

struct Lab {
    Lab() : lab([](const http::HttpRequest&) { return test::respond(404); }) {}

    [[nodiscard]] std::string image(const std::string& transport,
                                    const std::string& name = "") const {
        return transport + path.string() + name;
    }

    void write(const std::string& image, const SampleImage& sample) {
        const auto target = store::open_target(image, lab.client);
        sample.put_into(*target, target->wanted_name());
    }

    [[nodiscard]] std::unique_ptr<store::ImageStore> open(const std::string& image) {
        return store::open_image(image, lab.client);
    }

    [[nodiscard]] std::string bytes() const { return base::read_file(path, 1 << 26); }

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
    }

    test::TempDir folder;
    fs::path path = folder.path() / "image.tar";
    test::RegistryLab lab;
};

}  // namespace

TEST_CASE("DAR-07 DAR-08 an archive for Docker keeps every digest and has both lists") {
    Lab lab;
    const auto sample = SampleImage::single();
    lab.write(lab.image("docker-archive:", ":app:1"), sample);
    for (const std::string transport : {"docker-archive:", "oci-archive:"}) {
        const auto store = lab.open(lab.image(transport, ":app:1"));
        CHECK(store->root({}).bytes() == sample.root().bytes());
        CHECK(store->names({}) == std::vector<std::string>{"docker.io/library/app:1"});
        for (const auto& [blob, bytes] : sample.blobs()) {
            CHECK(test::fetch(*store, blob) == bytes);
        }
    }
    const std::string tar = lab.bytes();
    CHECK(tar.find(R"("RepoTags":["docker.io/library/app:1"])") != std::string::npos);
    CHECK(tar.find(R"([{"Config":"blobs/sha256/)" +
                   std::string(sample.root().image()->config.digest.encoded())) !=
          std::string::npos);
    const std::string top(sample.root().image()->layers.back().digest.encoded());
    CHECK(tar.find(R"({"app":{"1":")" + top + R"("}})") != std::string::npos);
}

TEST_CASE("DAR-09 what a docker-archive cannot hold") {
    Lab lab;
    const auto target = store::open_target(lab.image("docker-archive:"), lab.lab.client);
    CHECK_THROWS_AS(target->check_root(SampleImage::index().root()), base::UsageError);
    CHECK_THROWS_AS(target->put_manifest(SampleImage::index().root(), std::nullopt, {}),
                    base::UsageError);
    const auto artifact = SampleImage::with_referrer().manifests().back();
    CHECK_THROWS_AS(target->check_root(artifact), base::UsageError);
    CHECK_NOTHROW(target->check_root(SampleImage::single().root()));
    CHECK(lab.files() == 0);
    for (const std::string name : {":App", ":@0", ":a b"}) {
        CHECK_THROWS_AS(store::open_target(lab.image("docker-archive:", name), lab.lab.client),
                        base::UsageError);
    }
    CHECK_THROWS_AS(store::open_target(lab.image("oci-archive:", ":a b"), lab.lab.client),
                    base::UsageError);
}

TEST_CASE("OCL-13 the same image makes the same archive, each blob once, lists last") {
    const std::string transport = GENERATE("oci-archive:", "docker-archive:");
    Lab lab;
    const auto sample = SampleImage::single();
    lab.write(lab.image(transport, ":app:1"), sample);
    const std::string before = lab.bytes();
    {
        const auto target = store::open_target(lab.image(transport, ":app:1"), lab.lab.client);
        for (const auto& [blob, bytes] : sample.blobs()) {
            target->put_blob(blob, SampleImage::reader_of(blob, bytes), {}, {});
            CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{true});
        }
        sample.put_into(*target, "app:1");
    }
    CHECK(lab.bytes() == before);
    CHECK(before.find("index.json") > before.find("oci-layout"));
    CHECK(before.find("oci-layout") > before.rfind("blobs/sha256/", before.find("oci-layout")));
    CHECK(fs::status(lab.path).permissions() == fs::perms(0644));
}

TEST_CASE("DAR-05 several images under several names in one archive") {
    Lab lab;
    const std::string image = lab.image("docker-archive:");
    const auto amd = SampleImage::single("amd64");
    const auto arm = SampleImage::single("arm64");
    {
        const auto target = store::open_target(image, lab.lab.client);
        for (const SampleImage* sample : std::vector<const SampleImage*>{&amd, &arm}) {
            for (const auto& [blob, bytes] : sample->blobs()) {
                target->put_blob(blob, SampleImage::reader_of(blob, bytes), {}, {});
            }
        }
        target->put_manifest(amd.root(), "app:1", {});
        target->put_manifest(amd.root(), "app:2", {});
        target->put_manifest(arm.root(), std::nullopt, {});
        target->finish({});
    }
    const auto store = lab.open(image);
    CHECK(store->names({}) ==
          std::vector<std::string>{"docker.io/library/app:1", "docker.io/library/app:2", "@2"});
    CHECK(store->named("app:2")->root({}).digest() == amd.root().digest());
    CHECK(store->named("@2")->root({}).digest() == arm.root().digest());
    const auto target = store::open_target(image, lab.lab.client);
    CHECK(target->current("app:1", {})->digest == amd.root().digest());
    CHECK_FALSE(target->current("app:3", {}));
}

TEST_CASE("F-25 what fails leaves nothing in the archive, and the next one goes on") {
    Lab lab;
    const auto sample = SampleImage::single();
    const auto target = store::open_target(lab.image("oci-archive:", ":v1"), lab.lab.client);
    const auto& [blob, bytes] = sample.blobs().front();
    const std::vector<std::string> wrong{std::string(bytes.size(), 'x'), bytes + "x",
                                         bytes.substr(1), ""};
    for (const std::string& other : wrong) {
        CHECK_THROWS_AS(target->put_blob(blob, SampleImage::reader_of(blob, other), {}, {}),
                        base::IntegrityError);
    }
    sample.put_into(*target, "v1");
    const std::string after_failures = lab.bytes();
    lab.write(lab.image("oci-archive:", ":v1"), sample);
    CHECK(lab.bytes() == after_failures);
    CHECK(lab.files() == 1);
}

TEST_CASE("F-21 F-22 a full disk leaves the old archive and the old folder") {
    const std::string transport = GENERATE("oci-archive:", "docker-archive:", "dir:");
    Lab lab;
    const auto before = SampleImage::single();
    lab.write(lab.image(transport), before);

    struct rlimit old {};

    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_AS(lab.write(lab.image(transport), SampleImage::single("arm64")), base::IoError);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    std::signal(SIGXFSZ, handler);

    CHECK(lab.open(lab.image(transport))->root({}).bytes() == before.root().bytes());
    CHECK(lab.files() == 1);
}

TEST_CASE("F-35 of writers of one archive the last one to end wins, whole") {
    Lab lab;
    const auto sample = SampleImage::index();
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 4; ++i) {
            writers.emplace_back([&] { lab.write(lab.image("oci-archive:", ":v1"), sample); });
        }
    }
    const auto store = lab.open(lab.image("oci-archive:", ":v1"));
    for (const auto& [blob, bytes] : sample.blobs()) {
        CHECK(test::fetch(*store, blob) == bytes);
    }
    CHECK(lab.files() == 1);
}

TEST_CASE("DAR-10 into a pipe, where nothing can be taken back") {
    Lab lab;
    REQUIRE(::mkfifo(lab.path.c_str(), 0600) == 0);
    const auto sample = SampleImage::single();
    std::string tar;
    std::jthread reader([&] {
        const base::UniqueFd fd(::open(lab.path.c_str(), O_RDONLY));
        stream::FdSource source(fd.get(), "pipe");
        tar = test::read_all(source);
    });
    SECTION("whole") {
        lab.write(lab.image("oci-archive:", ":v1"), sample);
        reader.join();
        lab.folder.put("copy.tar", tar);
        const auto store = lab.open("oci-archive:" + (lab.folder.path() / "copy.tar").string());
        CHECK(store->root({}).bytes() == sample.root().bytes());
    }
    SECTION("broken off") {
        {
            const auto target = store::open_target(lab.image("oci-archive:"), lab.lab.client);
            const auto& [blob, bytes] = sample.blobs().front();
            const std::string wrong(bytes.size(), 'x');
            CHECK_THROWS_AS(target->put_blob(blob, SampleImage::reader_of(blob, wrong), {}, {}),
                            base::IntegrityError);
            CHECK_THROWS_AS(target->put_blob(blob, SampleImage::reader_of(blob, bytes), {}, {}),
                            base::IoError);
        }
        reader.join();
        CHECK(tar.find("index.json") == std::string::npos);
    }
}
