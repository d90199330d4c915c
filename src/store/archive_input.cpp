#include "store/archive_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::store {

namespace {

base::UniqueFd open_named(const std::string& path, const std::string& where) {
    base::UniqueFd fd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd.valid()) {
        throw base::IoError(where, "cannot open", errno);
    }
    if (::isatty(fd.get()) != 0) {
        throw base::UsageError(where + " is a terminal, not an archive");
    }
    return fd;
}

/// Where the archive begins, if it can be read at any place as it is.
std::optional<off_t> plain_begin(const base::UniqueFd& fd, const std::string& where) {
    struct stat facts {};

    if (::fstat(fd.get(), &facts) != 0) {
        throw base::IoError(where, "cannot read", errno);
    }
    if (S_ISDIR(facts.st_mode)) {
        throw base::IoError(where, "cannot read", EISDIR);
    }
    const off_t begin = S_ISREG(facts.st_mode) ? ::lseek(fd.get(), 0, SEEK_CUR) : -1;
    if (begin < 0) {
        return std::nullopt;
    }
    std::array<std::byte, 4> head{};
    const std::size_t got = base::read_at(fd.get(), head, static_cast<std::uint64_t>(begin), where);
    const auto compression = stream::detect_compression(std::span(head).first(got));
    return compression == stream::Compression::none ? std::optional(begin) : std::nullopt;
}

Content spool(const base::UniqueFd& from, const std::string& where, const std::stop_token& stop) {
    base::UniqueFd file = base::open_unnamed_file();
    stream::FdSink sink(file.get(), base::temporary_folder().string());
    stream::DecompressingSource plain(std::make_unique<stream::FdSource>(from.get(), where));
    try {
        move_bytes(plain, sink, stop, {});
        sink.flush();
    } catch (base::IoError& error) {
        if (error.error_number() == ENOSPC || error.error_number() == EFBIG) {
            error.set_hint("set TMPDIR to a folder with room for the unpacked archive");
        }
        throw;
    } catch (base::Error& error) {
        error.prefix(where);
        throw;
    }
    return content_of_file(std::move(file), where);
}

}  // namespace

Content open_archive(const std::string& path, const std::stop_token& stop) {
    const std::string where = path == "-" ? "standard input" : path;
    base::UniqueFd fd = open_named(path, where);
    const auto begin = plain_begin(fd, where);
    if (!begin) {
        return spool(fd, where, stop);
    }
    Content content = content_of_file(std::move(fd), where);
    content.offset = static_cast<std::uint64_t>(*begin);
    content.size -= std::min(content.size, content.offset);
    return content;
}

}  // namespace regtool::store
