#include "regtool/base/fields.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool::base;

namespace {

constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();

/// What is left of `rest`, in pieces of at most so many bytes.
FieldReader::More arriving(std::string_view& rest, std::size_t piece) {
    return [&rest, piece](std::span<char> room) {
        const std::size_t got = std::min({piece, room.size(), rest.size()});
        std::copy_n(rest.begin(), got, room.begin());
        rest.remove_prefix(got);
        return got;
    };
}

}  // namespace

TEST_CASE("fields are read as they were written") {
    FieldWriter out;
    for (const std::uint64_t number :
         {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, kMost}) {
        out.number(number);
    }
    out.signed_number(-1);
    out.signed_number(kLeast);
    out.text(std::string("a\0b", 3));
    out.text("");
    CHECK(out.bytes().size() == 1 + 1 + 2 + 10 + 1 + 10 + 4 + 1);
    FieldReader in(out.bytes(), "the document");
    CHECK(in.number() == 0);
    CHECK(in.number(127) == 127);
    CHECK(in.small<std::uint8_t>() == 128);
    CHECK(in.number() == kMost);
    CHECK(in.signed_number() == -1);
    CHECK(in.signed_number() == kLeast);
    CHECK(in.text() == std::string("a\0b", 3));
    CHECK_FALSE(in.ended());
    CHECK(in.text().empty());
    CHECK(in.ended());
}

TEST_CASE("fields that are cut short or too large are refused") {
    const auto number = [](const std::string& bytes) {
        return FieldReader(bytes, "the document").number();
    };
    CHECK_THROWS_AS(number(""), InvalidDocument);
    CHECK_THROWS_AS(number("\x80"), InvalidDocument);
    CHECK_THROWS_AS(number(std::string(9, '\xff') + "\x02"), InvalidDocument);  // 65 bits
    CHECK_THROWS_AS(number(std::string(11, '\x80')), InvalidDocument);
    CHECK_THROWS_AS(FieldReader("\x05", "the document").number(4), InvalidDocument);
    CHECK_THROWS_AS(FieldReader("\x80\x02", "the document").small<std::uint8_t>(), InvalidDocument);
    CHECK_THROWS_WITH(FieldReader("\x04"
                                  "abc",
                                  "the document")
                          .text(),
                      "the document is not valid: it is cut short");
}

TEST_CASE("fields are read as they arrive") {
    FieldWriter out;
    const std::string long_text(200'000, 'x');
    for (std::uint64_t i = 0; i < 1000; ++i) {
        out.number(i * i * i);
        out.text(i % 100 == 0 ? long_text : std::to_string(i));
    }
    for (const std::size_t piece : {1U, 7U, 65'536U}) {
        std::string_view rest = out.bytes();
        FieldReader in(arriving(rest, piece), "the document");
        bool same = true;
        for (std::uint64_t i = 0; i < 1000; ++i) {
            same = same && in.number() == i * i * i &&
                   in.text() == (i % 100 == 0 ? long_text : std::to_string(i));
        }
        CHECK(same);
        CHECK(in.ended());
        CHECK_THROWS_AS(in.number(), InvalidDocument);
    }
}

TEST_CASE("long texts are read as they arrive, and refused when they are cut short") {
    FieldWriter out;
    const std::string long_text(200'000, 'x');
    out.text(long_text);
    out.text("");
    out.text("end");
    for (const std::size_t piece : {7U, 65'536U, 1'000'000U}) {
        for (const std::size_t cut : {0U, 1U}) {
            std::string_view rest =
                std::string_view(out.bytes()).substr(0, out.bytes().size() - cut);
            FieldReader in(arriving(rest, piece), "the document");
            CHECK(in.long_text() == long_text);
            CHECK(in.long_text().empty());
            if (cut == 0) {
                CHECK(in.long_text() == "end");
                CHECK(in.ended());
            } else {
                CHECK_THROWS_AS(in.long_text(), InvalidDocument);
            }
        }
    }
    CHECK(FieldReader(out.bytes(), "the document").long_text() == long_text);
}

TEST_CASE("T-51 a text that claims more than arrives is refused with the memory of what arrived") {
    FieldWriter out;
    out.number(kMost);
    for (const bool long_one : {false, true}) {
        bool sent = false;
        FieldReader in(
            [&](std::span<char> room) {
                const std::size_t got = std::exchange(sent, true) ? 0 : out.bytes().size();
                std::copy_n(out.bytes().begin(), got, room.begin());
                return got;
            },
            "the document");
        CHECK_THROWS_AS(long_one ? in.long_text() : std::string(in.text()), InvalidDocument);
    }
}
