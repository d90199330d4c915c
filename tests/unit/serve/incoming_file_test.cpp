#include "serve/incoming_file.hpp"

#include <fcntl.h>

#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::serve;

namespace {

std::size_t count(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator listing(folder);
    return static_cast<std::size_t>(std::distance(begin(listing), end(listing)));
}

}  // namespace

TEST_CASE("T-43 a file has its name when it is whole, and none before") {
    const test::TempDir dir;
    const base::UniqueFd folder(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY));
    {
        IncomingFile file(folder.get(), dir.path());
        file.append(base::as_bytes("half"));
        CHECK(count(dir.path()) == 1);
        remove_stale_incoming_files(folder.get());
        CHECK(count(dir.path()) == 1);  // its owner lives
    }
    CHECK(count(dir.path()) == 0);
    IncomingFile file(folder.get(), dir.path());
    file.append(base::as_bytes("who"));
    file.append(base::as_bytes("le"));
    file.rename_to((dir.path() / "final").string());
    CHECK(base::read_file(dir.path() / "final", 100) == "whole");
    CHECK(count(dir.path()) == 1);
}

TEST_CASE("T-43 what a killed run left is removed, and nothing else") {
    const test::TempDir dir;
    const base::UniqueFd folder(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY));
    (void)dir.put(".regtool-upload-0123", "left");
    (void)dir.put(".regtool-other", "kept");
    remove_stale_incoming_files(folder.get());
    CHECK(count(dir.path()) == 1);
    CHECK(std::filesystem::exists(dir.path() / ".regtool-other"));
}
