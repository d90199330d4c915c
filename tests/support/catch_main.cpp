#define CATCH_CONFIG_RUNNER
#include <csignal>

#include "support/catch.hpp"

int main(int argc, char** argv) {
    // As the program does: a closed pipe is an answer of write(2).
    (void)std::signal(SIGPIPE, SIG_IGN);
    return Catch::Session().run(argc, argv);
}
