#include "regtool/layer/tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "overlay_names.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "thread_locale.hpp"

namespace regtool::layer {

namespace {

struct FreeArchive {
    void operator()(archive* handle) const noexcept { archive_write_free(handle); }
};

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

unsigned file_type(EntryType type) {
    switch (type) {
        case EntryType::directory:
            return AE_IFDIR;
        case EntryType::symlink:
            return AE_IFLNK;
        case EntryType::char_device:
            return AE_IFCHR;
        case EntryType::block_device:
            return AE_IFBLK;
        case EntryType::fifo:
            return AE_IFIFO;
        case EntryType::file:
        case EntryType::hardlink:
        case EntryType::socket:
        case EntryType::other:
            break;
    }
    return AE_IFREG;
}

/// libarchive converts names to UTF-8, which changes none that is UTF-8 already; names that are not
/// are then marked as binary and kept (LAY-28). The same for all archives: making a locale takes
/// the C library's lock and files.
const ThreadLocale& utf8() {
    static const ThreadLocale kUtf8("C.UTF-8");
    return kUtf8;
}

}  // namespace

struct TarWriter::Impl {
    explicit Impl(stream::Sink& next) : sink(next) {}

    void open();
    void check(la_ssize_t result, const char* what);
    static la_ssize_t on_write(archive* handle,
                               void* self,
                               const void* bytes,
                               std::size_t size) noexcept;

    stream::Sink& sink;
    std::exception_ptr sink_error;
    bool finished = false;
    std::unique_ptr<archive_entry, FreeEntry> entry;
    std::unique_ptr<archive, FreeArchive> handle;
};

la_ssize_t TarWriter::Impl::on_write(archive* handle,
                                     void* self,
                                     const void* bytes,
                                     std::size_t size) noexcept {
    auto& impl = *static_cast<Impl*>(self);
    if (impl.sink_error) {
        return -1;
    }
    try {
        impl.sink.write({static_cast<const std::byte*>(bytes), size});
        return static_cast<la_ssize_t>(size);
    } catch (...) {
        impl.sink_error = std::current_exception();
        archive_set_error(handle, EIO, "the sink failed");
        return -1;
    }
}

void TarWriter::Impl::check(la_ssize_t result, const char* what) {
    if (sink_error) {
        std::rethrow_exception(std::exchange(sink_error, nullptr));
    }
    // A warning speaks of a name that is no UTF-8: it is written all the same.
    if (result < ARCHIVE_WARN) {
        const char* reason = archive_error_string(handle.get());
        throw base::InvalidDocument(std::string(what) + ": " +
                                    base::printable(reason == nullptr ? "" : reason, 200));
    }
}

void TarWriter::Impl::open() {
    handle.reset(archive_write_new());
    entry.reset(archive_entry_new());
    if (!handle || !entry) {
        throw std::bad_alloc();
    }
    check(archive_write_set_format_pax(handle.get()), "cannot write tar");
    // Else each attribute is written twice, under the names of two families of readers.
    check(archive_write_set_format_option(handle.get(), nullptr, "xattrheader", "SCHILY"),
          "cannot write tar");
    check(archive_write_set_bytes_per_block(handle.get(), 0), "cannot write tar");  // uncopied
    check(archive_write_open(handle.get(), this, nullptr, &on_write, nullptr), "cannot write tar");
}

TarWriter::TarWriter(stream::Sink& sink) : impl_(std::make_unique<Impl>(sink)) {
    impl_->open();
}

TarWriter::~TarWriter() {
    if (!impl_->finished) {
        // Freeing would write an end that makes a cut archive look whole.
        archive_write_fail(impl_->handle.get());
    }
}

void TarWriter::begin(const Entry& entry) {
    const ThreadLocale::Scope scope(utf8());
    archive_entry* to = archive_entry_clear(impl_->entry.get());
    archive_entry_copy_pathname(to, entry.path.c_str());
    archive_entry_set_filetype(to, file_type(entry.type));
    if (entry.type == EntryType::hardlink) {
        archive_entry_copy_hardlink(to, entry.link_target.c_str());
    } else if (entry.type == EntryType::symlink) {
        archive_entry_copy_symlink(to, entry.link_target.c_str());
    }
    archive_entry_set_perm(to, entry.mode);
    archive_entry_set_uid(to, static_cast<la_int64_t>(entry.uid));
    archive_entry_set_gid(to, static_cast<la_int64_t>(entry.gid));
    archive_entry_copy_uname(to, entry.user_name.c_str());
    archive_entry_copy_gname(to, entry.group_name.c_str());
    archive_entry_set_size(to,
                           entry.type == EntryType::file ? static_cast<la_int64_t>(entry.size) : 0);
    archive_entry_set_mtime(to, entry.mtime, static_cast<long>(entry.mtime_nanoseconds));
    if (entry.type == EntryType::char_device || entry.type == EntryType::block_device) {
        archive_entry_set_rdevmajor(to, entry.device_major);
        archive_entry_set_rdevminor(to, entry.device_minor);
    }
    for (const auto& [name, value] : entry.xattrs) {
        if (!is_overlays_own(name)) {
            archive_entry_xattr_add_entry(to, name.c_str(), value.data(), value.size());
        }
    }
    impl_->check(archive_write_header(impl_->handle.get(), to),
                 ("cannot write '" + base::printable(entry.path, 80) + "' into a tar").c_str());
}

void TarWriter::content(std::span<const std::byte> bytes) {
    impl_->check(archive_write_data(impl_->handle.get(), bytes.data(), bytes.size()),
                 "cannot write content into a tar");
}

void TarWriter::end() {
    impl_->check(archive_write_finish_entry(impl_->handle.get()), "cannot write into a tar");
}

void TarWriter::finish() {
    const ThreadLocale::Scope scope(utf8());
    impl_->finished = true;
    impl_->check(archive_write_close(impl_->handle.get()), "cannot end the tar");
}

}  // namespace regtool::layer
