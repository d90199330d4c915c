#include "regtool/ops/parallel.hpp"

#include <atomic>
#include <set>
#include <stdexcept>
#include <vector>

#include "support/catch.hpp"

using regtool::ops::parallel_for;

TEST_CASE("each index is worked on once") {
    for (const int jobs : {0, 1, 3, 100}) {
        std::vector<std::atomic<int>> seen(50);
        parallel_for(50, jobs, [&](std::size_t i) { ++seen[i]; });
        for (const auto& count : seen) {
            CHECK(count == 1);
        }
    }
    parallel_for(0, 4, [](std::size_t) { FAIL("there is nothing to do"); });
}

TEST_CASE("the first failure is rethrown after the running ones have ended") {
    std::atomic<int> running{0};
    CHECK_THROWS_AS(parallel_for(100, 4,
                                 [&](std::size_t i) {
                                     ++running;
                                     if (i == 5) {
                                         --running;
                                         throw std::runtime_error("x");
                                     }
                                     --running;
                                 }),
                    std::runtime_error);
    CHECK(running == 0);
}
