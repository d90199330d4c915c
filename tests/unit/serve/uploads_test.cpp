#include "serve/uploads.hpp"

#include "regtool/base/text.hpp"
#include "serve/refusal.hpp"
#include "support/catch.hpp"
#include "support/manual_clock.hpp"

using namespace regtool;
using namespace regtool::serve;

namespace {

constexpr std::uint64_t kMost = 1000;

struct Lab {
    std::unique_ptr<Storage> storage = make_memory_storage(std::uint64_t{1} << 20);
    test::ManualClock clock;
    Uploads uploads{*storage, clock, kMost, {}};
};

template <class Call>
int status_of(Call&& call) {
    try {
        call();
    } catch (const Refusal& refusal) {
        return refusal.status();
    }
    return 0;
}

}  // namespace

TEST_CASE("UPL-15 an upload grows over several requests and ends with its digest") {
    Lab lab;
    std::string id;
    {
        Uploads::Lease upload = lab.uploads.begin("r", base::HashAlgorithm::sha256);
        id = upload.id();
        upload.append(base::as_bytes("01234"));
    }
    const auto digest = model::Digest::sha256_of("0123456789");
    {
        Uploads::Lease upload = lab.uploads.take("r", id);
        CHECK(upload.size() == 5);
        upload.append(base::as_bytes("56789"));
        upload.commit(digest);
    }
    CHECK(lab.storage->open_blob(digest)->size == 10);
    CHECK(status_of([&] { (void)lab.uploads.take("r", id); }) == 404);
}

TEST_CASE("DIG-05 other bytes end an upload without a blob") {
    Lab lab;
    const auto digest = model::Digest::sha256_of("wanted");
    Uploads::Lease upload = lab.uploads.begin("r", base::HashAlgorithm::sha256);
    upload.append(base::as_bytes("other"));
    CHECK(status_of([&] { upload.commit(digest); }) == 400);
    CHECK_FALSE(lab.storage->open_blob(digest));
    CHECK(status_of([&] { (void)lab.uploads.take("r", upload.id()); }) == 404);
}

TEST_CASE("DIG-03 the algorithm may come with the digest") {
    Lab lab;
    const auto digest = model::Digest::of(base::HashAlgorithm::sha512, "text");
    Uploads::Lease upload = lab.uploads.begin("r", base::HashAlgorithm::sha256);
    upload.append(base::as_bytes("text"));
    upload.commit(digest);
    CHECK(lab.storage->open_blob(digest));
}

TEST_CASE("an upload belongs to its repository and to one request at a time") {
    Lab lab;
    std::optional<Uploads::Lease> upload = lab.uploads.begin("r", base::HashAlgorithm::sha256);
    const std::string id = upload->id();
    CHECK(status_of([&] { (void)lab.uploads.take("r", id); }) == 409);
    upload.reset();
    CHECK(status_of([&] { (void)lab.uploads.take("other", id); }) == 404);
    CHECK(status_of([&] { (void)lab.uploads.take("r", id); }) == 0);
}

TEST_CASE("F-08 the largest blob is a bound, to the byte") {
    Lab lab;
    Uploads::Lease upload = lab.uploads.begin("r", base::HashAlgorithm::sha256);
    upload.append(base::as_bytes(std::string(kMost, 'x')));
    CHECK(status_of([&] { upload.append(base::as_bytes("x")); }) == 413);
}

TEST_CASE("idle uploads are dropped, and there is a most of them") {
    Lab lab;
    const std::string id = lab.uploads.begin("r", base::HashAlgorithm::sha256).id();
    for (std::size_t i = 1; i < kMostUploads; ++i) {
        (void)lab.uploads.begin("r", base::HashAlgorithm::sha256);
    }
    CHECK(status_of([&] { (void)lab.uploads.begin("r", base::HashAlgorithm::sha256); }) == 429);
    lab.clock.advance(kUploadIdleLimit + std::chrono::seconds(1));
    CHECK(status_of([&] { (void)lab.uploads.begin("r", base::HashAlgorithm::sha256); }) == 0);
    CHECK(status_of([&] { (void)lab.uploads.take("r", id); }) == 404);
}
