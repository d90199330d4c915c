#include "ops/held_bytes.hpp"

#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;

TEST_CASE("held bytes come out as they went in, also those that are too many for memory") {
    for (const std::size_t count :
         std::initializer_list<std::size_t>{0, 1, 1'000'000, 30'000'000}) {
        const std::string bytes = test::noise(count);
        ops::HeldBytes held;
        for (std::size_t at = 0; at < count; at += 70'000) {
            held.write(base::as_bytes(std::string_view(bytes).substr(at, 70'000)));
        }
        CHECK(held.size() == count);
        const auto source = held.take();
        CHECK(test::read_all(*source) == bytes);
    }
}
