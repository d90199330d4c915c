#include "regtool/layer/layer_reader.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "thread_locale.hpp"

namespace regtool::layer {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr std::uint64_t kTarBlockBytes = 512;

struct FreeArchive {
    void operator()(archive* handle) const noexcept { archive_read_free(handle); }
};

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string() : text;
}

EntryType type_of(archive_entry* entry) {
    if (archive_entry_hardlink(entry) != nullptr) {
        return EntryType::hardlink;
    }
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG:
            return EntryType::file;
        case AE_IFDIR:
            return EntryType::directory;
        case AE_IFLNK:
            return EntryType::symlink;
        case AE_IFCHR:
            return EntryType::char_device;
        case AE_IFBLK:
            return EntryType::block_device;
        case AE_IFIFO:
            return EntryType::fifo;
        case AE_IFSOCK:
            return EntryType::socket;
        default:
            return EntryType::other;
    }
}

/// Old tars store small negative ids such as nobody's -2: they mean what a 32-bit uid_t makes of
/// them.
std::uint64_t owner_id(la_int64_t id) {
    return id < 0 ? static_cast<std::uint32_t>(id) : static_cast<std::uint64_t>(id);
}

void read_xattrs(archive_entry* from, std::map<std::string, std::string>& to) {
    to.clear();
    if (archive_entry_xattr_reset(from) == 0) {
        return;
    }
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
        to.insert_or_assign(text_or_empty(name),
                            std::string(static_cast<const char*>(value), size));
    }
}

void check_name(const std::string& name, const std::string& what, const LayerLimits& limits) {
    if (name.size() > limits.max_name_bytes) {
        throw base::IntegrityError(what + " of more than " + std::to_string(limits.max_name_bytes) +
                                   " bytes: '" + base::printable(name, 80) + "'");
    }
    for (std::size_t begin = 0; begin < name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        if (end - begin > limits.max_component_bytes) {
            throw base::IntegrityError(what + " with a part of more than " +
                                       std::to_string(limits.max_component_bytes) + " bytes: '" +
                                       base::printable(name, 80) + "'");
        }
        begin = end + 1;
    }
}

}  // namespace

struct LayerReader::Impl {
    Impl(std::unique_ptr<stream::Source> tar, LayerLimits bounds, TarOrigin from)
        : source(std::move(tar)), limits(bounds), origin(std::move(from)) {}

    void open();
    bool next_header();
    void fill_entry();
    std::size_t read_content(std::span<std::byte> out);
    std::size_t read_source();
    std::size_t missing_padding();
    void drain();
    /// Throws what the source threw, if it did; else says what libarchive found.
    [[noreturn]] void fail();

    static la_ssize_t on_read(archive* handle, void* self, const void** block) noexcept;
    static la_int64_t on_skip(archive* handle, void* self, la_int64_t count) noexcept;

    std::unique_ptr<stream::Source> source;
    LayerLimits limits;
    TarOrigin origin;
    // libarchive converts names to the character set of the locale, and in a UTF-8 locale also
    // normalises them. In the C locale the conversion of anything but ASCII fails, which it answers
    // with the raw bytes and a warning: just what is wanted (LAY-28).
    ThreadLocale locale{"C"};
    std::unique_ptr<std::byte[]> block;
    std::exception_ptr source_error;
    bool source_ended = false;
    std::uint64_t source_bytes = 0;
    std::uint64_t content_begin = 0;  ///< where in the tar the bytes of the current file begin
    std::uint64_t content_end = 0;    ///< and end
    std::uint64_t content_left = 0;   ///< of the current file, holes included
    bool data_ended = false;          ///< libarchive has no more of it
    bool ended = false;
    Entry entry;
    archive_entry* raw = nullptr;  // belongs to `handle`
    std::uint64_t entries = 0;
    std::uint64_t content_bytes = 0;
    std::unique_ptr<archive, FreeArchive> handle;  // last: its end may still call on_read
};

std::size_t LayerReader::Impl::read_source() {
    if (source_ended) {
        return 0;
    }
    source_ended = true;  // stays so when the source throws
    const std::size_t count = source->read({block.get(), kBlockBytes});
    source_ended = count == 0;
    source_bytes += count;
    return source_ended ? missing_padding() : count;
}

/// Some builders do not close their archives: the last file's bytes are all there, but neither its
/// padding nor the two empty blocks of the end. Go's tar reader takes that, so images like it are
/// about; libarchive wants the padding. Content that is cut short stays an error.
std::size_t LayerReader::Impl::missing_padding() {
    const std::uint64_t used = source_bytes % kTarBlockBytes;
    if (used == 0 || source_bytes != content_end) {
        return 0;
    }
    const std::uint64_t missing = kTarBlockBytes - used;
    std::fill_n(block.get(), missing, std::byte{0});
    return missing;
}

la_ssize_t LayerReader::Impl::on_read(archive* handle, void* self, const void** block) noexcept {
    auto& impl = *static_cast<Impl*>(self);
    try {
        *block = impl.block.get();
        return static_cast<la_ssize_t>(impl.read_source());
    } catch (...) {
        impl.source_error = std::current_exception();
        archive_set_error(handle, EIO, "the source failed");
        return -1;
    }
}

la_int64_t LayerReader::Impl::on_skip(archive* handle, void* self, la_int64_t count) noexcept {
    auto& impl = *static_cast<Impl*>(self);
    try {
        const std::uint64_t passed = impl.origin.skip(static_cast<std::uint64_t>(count));
        impl.source_bytes += passed;
        return static_cast<la_int64_t>(passed);
    } catch (...) {
        impl.source_error = std::current_exception();
        archive_set_error(handle, EIO, "the source failed");
        return -1;
    }
}

void LayerReader::Impl::open() {
    block = std::make_unique_for_overwrite<std::byte[]>(kBlockBytes);
    handle.reset(archive_read_new());
    if (!handle) {
        throw std::bad_alloc();
    }
    // No filters: decompression is not libarchive's business here, and some start programs.
    archive_read_support_format_tar(handle.get());
    archive_read_support_format_empty(handle.get());
    if (archive_read_open2(handle.get(), this, nullptr, &on_read, origin.skip ? &on_skip : nullptr,
                           nullptr) != ARCHIVE_OK) {
        fail();
    }
}

void LayerReader::Impl::drain() {
    while (read_source() != 0) {
    }
}

void LayerReader::Impl::fail() {
    if (source_error) {
        std::rethrow_exception(std::exchange(source_error, nullptr));
    }
    const std::string reason = text_or_empty(archive_error_string(handle.get()));
    if (archive_errno(handle.get()) == ENOMEM) {
        throw std::bad_alloc();
    }
    if (reason.starts_with("Special header too large")) {
        throw base::IntegrityError(origin.name + " has an extended header of more than 1 MiB");
    }
    drain();  // a wrong digest, the likelier cause, is what the user should hear of
    throw base::InvalidDocument(origin.name +
                                " is not a valid tar archive: " + base::printable(reason, 200));
}

/// False at the end.
bool LayerReader::Impl::next_header() {
    const ThreadLocale::Scope scope(locale);
    if (!handle) {
        open();
    }
    // A warning speaks of names or attributes that do not convert; the entry is there all the same.
    const int code = archive_read_next_header(handle.get(), &raw);
    if (source_error || (code != ARCHIVE_OK && code != ARCHIVE_WARN && code != ARCHIVE_EOF)) {
        fail();
    }
    if (code == ARCHIVE_EOF) {
        ended = true;
        drain();
        return false;
    }
    fill_entry();
    return true;
}

void LayerReader::Impl::fill_entry() {
    if (++entries > limits.max_entries) {
        throw base::IntegrityError(origin.name + " has more than " +
                                   std::to_string(limits.max_entries) + " entries");
    }
    entry.path = text_or_empty(archive_entry_pathname(raw));
    entry.type = type_of(raw);
    entry.link_target =
        text_or_empty(entry.type == EntryType::hardlink ? archive_entry_hardlink(raw)
                                                        : archive_entry_symlink(raw));
    check_name(entry.path, origin.name + " has a path", limits);
    check_name(entry.link_target, origin.name + " has a link target", limits);
    entry.mode = archive_entry_perm(raw) & 07777U;
    entry.uid = owner_id(archive_entry_uid(raw));
    entry.gid = owner_id(archive_entry_gid(raw));
    entry.user_name = text_or_empty(archive_entry_uname(raw));
    entry.group_name = text_or_empty(archive_entry_gname(raw));
    const la_int64_t size = archive_entry_size(raw);
    if (size < 0) {
        throw base::InvalidDocument(origin.name + " has an entry of negative size: '" +
                                    base::printable(entry.path, 80) + "'");
    }
    entry.size = entry.type == EntryType::file ? static_cast<std::uint64_t>(size) : 0;
    content_begin = static_cast<std::uint64_t>(archive_filter_bytes(handle.get(), 0));
    content_end = content_begin + static_cast<std::uint64_t>(size);
    content_left = entry.size;
    data_ended = false;
    entry.mtime = archive_entry_mtime(raw);
    const long nanoseconds = archive_entry_mtime_nsec(raw);
    entry.mtime_nanoseconds = nanoseconds > 0 && nanoseconds < 1'000'000'000
                                  ? static_cast<std::uint32_t>(nanoseconds)
                                  : 0;
    const bool device =
        entry.type == EntryType::char_device || entry.type == EntryType::block_device;
    entry.device_major = device ? static_cast<std::uint32_t>(archive_entry_rdevmajor(raw)) : 0;
    entry.device_minor = device ? static_cast<std::uint32_t>(archive_entry_rdevminor(raw)) : 0;
    read_xattrs(raw, entry.xattrs);
}

std::size_t LayerReader::Impl::read_content(std::span<std::byte> out) {
    if (raw == nullptr || ended || entry.type != EntryType::file) {
        return 0;
    }
    std::size_t got = 0;
    if (!data_ended) {
        const la_ssize_t count = archive_read_data(handle.get(), out.data(), out.size());
        if (source_error || count < 0) {
            fail();
        }
        got = static_cast<std::size_t>(count);
        data_ended = got == 0 && !out.empty();
    }
    if (data_ended) {
        // What is left is a hole: libarchive tells only of those that data stand beside.
        got = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), content_left));
        std::fill_n(out.begin(), got, std::byte{0});
    }
    content_left -= std::min<std::uint64_t>(content_left, got);
    content_bytes += got;
    if (content_bytes > limits.max_content_bytes) {
        throw base::IntegrityError("the files of " + origin.name + " hold more than " +
                                   std::to_string(limits.max_content_bytes) + " bytes");
    }
    return got;
}

LayerReader::LayerReader(std::unique_ptr<stream::Source> tar, LayerLimits limits, TarOrigin origin)
    : impl_(std::make_unique<Impl>(std::move(tar), limits, std::move(origin))) {}

LayerReader::~LayerReader() = default;

const Entry* LayerReader::next() {
    return !impl_->ended && impl_->next_header() ? &impl_->entry : nullptr;
}

std::size_t LayerReader::read_content(std::span<std::byte> out) {
    return impl_->read_content(out);
}

std::uint64_t LayerReader::header_offset() const noexcept {
    return impl_->handle == nullptr
               ? 0
               : static_cast<std::uint64_t>(archive_read_header_position(impl_->handle.get()));
}

std::uint64_t LayerReader::content_offset() const noexcept {
    return impl_->content_begin;
}

}  // namespace regtool::layer
