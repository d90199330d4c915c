#include "regtool/stream/verify.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;

namespace {

const std::string& text() {
    static const std::string bytes = "the quick brown fox";
    return bytes;
}

Expectation expect(std::string_view bytes, std::optional<std::uint64_t> size) {
    return {model::Digest::sha256_of(bytes), size};
}

void push(const std::string& bytes, const Expectation& expected) {
    NullSink null;
    VerifyingSink sink(null, expected);
    for (const char& byte : bytes) {
        sink.write(base::as_bytes({&byte, 1}));
    }
    sink.finish();
}

void pull(const std::string& bytes, const Expectation& expected) {
    VerifyingSource source(std::make_unique<StringSource>(bytes), expected);
    static_cast<void>(test::read_all(source, 4));
}

}  // namespace

TEST_CASE("verifying passes what is right, with and without a size") {
    CHECK_NOTHROW(push(text(), expect(text(), text().size())));
    CHECK_NOTHROW(pull(text(), expect(text(), text().size())));
    CHECK_NOTHROW(push(text(), expect(text(), std::nullopt)));
    CHECK_NOTHROW(pull(text(), expect(text(), std::nullopt)));
    CHECK_NOTHROW(pull("", expect("", 0)));
}

TEST_CASE("T-01 any flipped, missing or added byte is an IntegrityError") {
    for (std::size_t i = 0; i < text().size(); ++i) {
        std::string flipped = text();
        flipped[i] = static_cast<char>(flipped[i] ^ 1);
        CHECK_THROWS_AS(push(flipped, expect(text(), text().size())), base::IntegrityError);
        CHECK_THROWS_AS(pull(flipped, expect(text(), text().size())), base::IntegrityError);
        CHECK_THROWS_AS(pull(text().substr(0, i), expect(text(), text().size())),
                        base::IntegrityError);
        CHECK_THROWS_AS(push(text().substr(0, i), expect(text(), text().size())),
                        base::IntegrityError);
    }
    CHECK_THROWS_AS(pull(text() + "x", expect(text(), std::nullopt)), base::IntegrityError);
}

TEST_CASE("DIG-05 the first byte beyond the size ends the transfer") {
    NullSink null;
    VerifyingSink sink(null, expect(text(), 3));
    sink.write(base::as_bytes("the"));
    CHECK(sink.bytes() == 3);
    CHECK_THROWS_AS(sink.write(base::as_bytes(" ")), base::IntegrityError);
    CHECK_THROWS_AS(pull(text(), expect(text(), 3)), base::IntegrityError);
}

TEST_CASE("DIG-04 a digest without a verifier is refused before the first byte") {
    NullSink null;
    const Expectation expected{model::Digest::parse("blake3:0011"), std::nullopt};
    CHECK_THROWS_AS(VerifyingSink(null, expected), base::IntegrityError);
    CHECK_THROWS_AS(VerifyingSource(std::make_unique<StringSource>(""), expected),
                    base::IntegrityError);
}

TEST_CASE("DIF-01 a digesting source hashes all that passes") {
    DigestingSource source(std::make_unique<StringSource>(text()), base::HashAlgorithm::sha256);
    CHECK(test::read_all(source, 5) == text());
    CHECK(source.bytes() == text().size());
    CHECK(source.digest() == model::Digest::sha256_of(text()));
}
