#include "regtool/base/secret.hpp"

#include <sstream>
#include <type_traits>

#include "support/catch.hpp"

using regtool::base::Secret;

namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};

}  // namespace

TEST_CASE("T-33 a secret cannot be streamed or turned into text by accident") {
    STATIC_REQUIRE_FALSE(Streamable<Secret>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, Secret>);
    CHECK(Secret("canary").reveal() == "canary");
}

TEST_CASE("T-33 wiping overwrites the bytes in place") {
    std::string text = "a secret that is longer than the small buffer";
    const char* place = text.data();
    const std::size_t size = text.size();
    regtool::base::wipe(text);
    CHECK(text.empty());
    CHECK(text.data() == place);
    CHECK(text.capacity() >= size);
}

TEST_CASE("a secret that was moved from is empty") {
    Secret first("x");
    const Secret second(std::move(first));
    CHECK(second.reveal() == "x");
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): the promise of the class
}
