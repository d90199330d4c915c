#include "cli/run.hpp"

int main(int argc, char** argv) {
    return regtool::cli::run(argc, argv);
}
