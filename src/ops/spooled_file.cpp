#include "ops/spooled_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "regtool/base/error.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

namespace {

std::string temporary_folder() {
    const char* named = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    return named == nullptr || *named == '\0' ? "/tmp" : named;
}

base::UniqueFd unnamed_file() {
    const std::string folder = temporary_folder();
    base::UniqueFd file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file.valid()) {
        return file;
    }
    // A file system without O_TMPFILE: the name is gone before a byte is written.
    std::string path = folder + "/regtool-XXXXXX";
    base::UniqueFd named(mkostemp(path.data(), O_CLOEXEC));
    if (!named.valid() || unlink(path.c_str()) != 0) {
        throw base::IoError(path, "create", errno);
    }
    return named;
}

}  // namespace

base::UniqueFd open_regular_file(const std::string& path) {
    base::UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));

    struct stat facts {};

    if (!file.valid() || fstat(file.get(), &facts) != 0) {
        throw base::IoError(path, "open", errno);
    }
    if (!S_ISREG(facts.st_mode)) {
        throw base::IoError(path, "open: not a regular file", 0);
    }
    return file;
}

base::UniqueFd spool_standard_input() {
    base::UniqueFd file = unnamed_file();
    stream::FdSource source(STDIN_FILENO, "standard input");
    stream::FdSink sink(file.get(), "temporary file");
    stream::pump(source, sink);
    sink.flush();
    return file;
}

}  // namespace regtool::ops
