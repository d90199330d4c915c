#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/store/layout_folder.hpp"
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

    [[nodiscard]] std::string image(const std::string& name = "") const {
        return "oci:" + path.string() + (name.empty() ? "" : ":" + name);
    }

    void write(const SampleImage& sample, const std::string& name = "") {
        const auto target = store::open_target(image(name), lab.client);
        sample.put_into(*target, target->wanted_name());
    }

    [[nodiscard]] std::string root_of(const std::string& name = "") {
        return store::open_image(image(name), lab.client)->root({}).digest().str();
    }

    [[nodiscard]] std::vector<std::string> leftovers() const {
        std::vector<std::string> found;
        for (const auto& file : fs::recursive_directory_iterator(path)) {
            if (file.path().filename().string().starts_with(".regtool-")) {
                found.push_back(file.path());
            }
        }
        return found;
    }

    test::TempDir folder;
    fs::path path = folder.path() / "layout";
    test::RegistryLab lab;
};

/// Hands over a part and then fails as the network does.
class BrokenSource final : public stream::Source {
  public:
    explicit BrokenSource(std::string bytes) : bytes_(std::move(bytes)) {}

    std::size_t read(std::span<std::byte> out) override {
        if (const std::size_t got = bytes_.read(out)) {
            return got;
        }
        throw base::TransportError(base::TransportPhase::receive, true, "gone");
    }

  private:
    stream::StringSource bytes_;
};

}  // namespace

TEST_CASE("OCL-09 a layout is extended") {
    Lab lab;
    const auto first = SampleImage::single("amd64");
    const auto second = SampleImage::single("arm64");
    lab.write(first, "v1");
    lab.write(second, "v2");
    CHECK(lab.root_of("v1") == first.root().digest().str());
    CHECK(lab.root_of("v2") == second.root().digest().str());
    const auto store = store::open_image(lab.image(), lab.lab.client);
    CHECK(store->names({}) == std::vector<std::string>{"v1", "v2"});
    CHECK_THROWS_AS(store->root({}), base::UsageError);

    lab.write(second, "v1");
    CHECK(lab.root_of("v1") == second.root().digest().str());
    CHECK(lab.root_of() == second.root().digest().str());
    CHECK(lab.leftovers().empty());
}

TEST_CASE("A32 the same image twice is one entry") {
    Lab lab;
    const auto sample = SampleImage::nested();
    lab.write(sample);
    const std::string before = base::read_file(lab.path / "index.json", 10'000);
    lab.write(sample);
    CHECK(base::read_file(lab.path / "index.json", 10'000) == before);
    CHECK(store::LayoutFolder::open(lab.path).index().entries().size() == 1);
}

TEST_CASE("RFR-01 an artifact is listed beside the image it speaks of, which stays the one meant") {
    Lab lab;
    const auto sample = SampleImage::with_referrer();
    lab.write(sample);
    const auto index = store::LayoutFolder::open(lab.path).index();
    REQUIRE(index.entries().size() == 2);
    CHECK(lab.root_of() == sample.root().digest().str());
    CHECK(std::any_of(index.entries().begin(), index.entries().end(), [](const auto& entry) {
        return entry.descriptor.artifact_type == "application/vnd.example.sbom";
    }));
}

TEST_CASE("OCL-12 T-38 BLB-14 a planted blob is not counted as present and is replaced") {
    Lab lab;
    const auto sample = SampleImage::single();
    lab.write(sample, "v1");
    const auto& [blob, bytes] = sample.blobs().front();
    const fs::path file = lab.path / store::blob_name(blob.digest);
    const auto target = store::open_target(lab.image("v1"), lab.lab.client);
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{true});
    SECTION("of the right size") {
        lab.folder.put(fs::relative(file, lab.folder.path()), std::string(bytes.size(), 'x'));
    }
    SECTION("empty") {
        fs::resize_file(file, 0);
    }
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{false});
    target->put_blob(blob, SampleImage::reader_of(blob, bytes), {}, {});
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{true});
    CHECK(fs::status(file).permissions() == fs::perms(0644));
}

TEST_CASE("OCL-12 what a name stands for counts only with its manifest") {
    Lab lab;
    const auto sample = SampleImage::single();
    CHECK_FALSE(store::open_target(lab.image("v1"), lab.lab.client)->current("v1", {}));
    lab.write(sample, "v1");
    const auto target = store::open_target(lab.image("v1"), lab.lab.client);
    CHECK(target->current("v1", {})->digest == sample.root().digest());
    CHECK_FALSE(target->current("v2", {}));
    const std::vector roots{sample.root().descriptor()};
    CHECK(target->have_manifests(roots, {}) == std::vector{true});
    fs::resize_file(lab.path / store::blob_name(sample.root().digest()), 10);
    CHECK_FALSE(target->current("v1", {}));
    CHECK(target->have_manifests(roots, {}) == std::vector{false});
}

TEST_CASE("F-25 a blob goes on where it was broken off") {
    Lab lab;
    const auto sample = SampleImage::single();
    const auto& blob = sample.blobs().front().first;
    const auto& bytes = sample.blobs().front().second;
    const auto target = store::open_target(lab.image("v1"), lab.lab.client);
    const std::string part = bytes.substr(0, bytes.size() / 2);
    CHECK_THROWS_AS(
        target->put_blob(blob, [&](std::uint64_t) { return std::make_unique<BrokenSource>(part); },
                         {}, {}),
        base::TransportError);
    REQUIRE(lab.leftovers().size() == 1);
    const std::uint64_t held = fs::file_size(lab.leftovers().front());

    std::vector<std::uint64_t> asked;
    const auto reader = [&](std::uint64_t first) {
        asked.push_back(first);
        return SampleImage::reader_of(blob, bytes)(first);
    };
    SECTION("what is there is right") {
        target->put_blob(blob, reader, {}, {});
        CHECK(asked == std::vector{held});
    }
    SECTION("what is there is wrong") {
        std::ofstream(lab.leftovers().front(), std::ios::trunc) << std::string(100, 'x');
        target->put_blob(blob, reader, {}, {});
        CHECK(asked == std::vector<std::uint64_t>{100, 0});
    }
    SECTION("what is there is too long") {
        fs::resize_file(lab.leftovers().front(), bytes.size() + 1);
        target->put_blob(blob, reader, {}, {});
        CHECK(asked == std::vector<std::uint64_t>{0});
    }
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{true});
    CHECK(lab.leftovers().empty());
}

TEST_CASE("F-21 F-22 a full disk leaves the old state") {
    Lab lab;
    const auto before = SampleImage::single();
    lab.write(before, "v1");

    struct rlimit old {};

    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_AS(lab.write(SampleImage::index(), "v1"), base::IoError);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    std::signal(SIGXFSZ, handler);

    CHECK(lab.root_of("v1") == before.root().digest().str());
    CHECK(lab.leftovers().empty());
    lab.write(SampleImage::index(), "v1");
    CHECK(lab.root_of("v1") == SampleImage::index().root().digest().str());
}

TEST_CASE("OCL-10 F-35 writers side by side lose nothing") {
    Lab lab;
    const auto sample = SampleImage::index();
    constexpr int kWriters = 8;
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < kWriters; ++i) {
            writers.emplace_back([&lab, &sample, i] {
                const std::string name = "v" + std::to_string(i);
                const auto target = store::open_target(lab.image(name), lab.lab.client);
                sample.put_into(*target, name);
            });
        }
    }
    for (int i = 0; i < kWriters; ++i) {
        CHECK(lab.root_of("v" + std::to_string(i)) == sample.root().digest().str());
    }
    for (const auto& [blob, bytes] : sample.blobs()) {
        CHECK(test::fetch(*store::open_image(lab.image("v0"), lab.lab.client), blob) == bytes);
    }
    CHECK(lab.leftovers().empty());
}

TEST_CASE("OCL-08 a folder with other things in it is left alone") {
    Lab lab;
    lab.folder.put("layout/letter.txt", "dear");
    CHECK_THROWS_AS(store::open_target(lab.image("v1"), lab.lab.client), base::UsageError);
    CHECK_FALSE(fs::exists(lab.path / "blobs"));
}

TEST_CASE("OCL-07 a name that no layout can have") {
    Lab lab;
    CHECK_THROWS_AS(store::open_target(lab.image("a b"), lab.lab.client), base::UsageError);
    const auto target = store::open_target(lab.image(), lab.lab.client);
    CHECK_THROWS_AS(target->put_manifest(SampleImage::single().root(), "-", {}), base::UsageError);
}

TEST_CASE("OCL-08 nothing is made before something is put") {
    Lab lab;
    const auto sample = SampleImage::single();
    const auto target = store::open_target(lab.image("v1"), lab.lab.client);
    CHECK(target->have_blobs(std::vector{sample.blobs().front().first}, {}) == std::vector{false});
    CHECK_FALSE(fs::exists(lab.path));
}
