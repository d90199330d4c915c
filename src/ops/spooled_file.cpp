#include "ops/spooled_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "regtool/base/error.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

base::UniqueFd open_regular_file(const std::string& path, int flags) {
    base::UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));

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
    base::UniqueFd file = base::open_unnamed_file();
    stream::FdSource source(STDIN_FILENO, "standard input");
    stream::FdSink sink(file.get(), "temporary file");
    stream::pump(source, sink);
    sink.flush();
    return file;
}

}  // namespace regtool::ops
