#include "store/file_blobs.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/partial_file.hpp"
#include "regtool/stream/verify.hpp"
#include "regtool/stream/writing_sink.hpp"

namespace regtool::store {

namespace {

/// From the first byte the source verifies; counting what arrived is left.
void write_all_of_it(stream::Sink& sink,
                     const model::Descriptor& blob,
                     const BlobReader& read,
                     const std::stop_token& stop,
                     const BytesArrived& arrived) {
    std::uint64_t bytes = 0;
    const auto count = [&](std::uint64_t more) {
        bytes += more;
        if (arrived) {
            arrived(more);
        }
    };
    move_bytes(*read(0), sink, stop, count);
    if (bytes != blob.size) {
        throw base::IntegrityError("size mismatch for " + blob.digest.str() + ": expected " +
                                   std::to_string(blob.size) + " bytes, got " +
                                   std::to_string(bytes));
    }
}

void go_on(base::PartialFile& file,
           const std::string& path,
           const model::Descriptor& blob,
           const BlobReader& read,
           const std::stop_token& stop,
           const BytesArrived& arrived) {
    stream::WritingSink sink(file);
    stream::VerifyingSink verified(sink, {blob.digest, blob.size});
    stream::FdSource held(file.rewind(), path);
    absorb_bytes(held, verified, stop, arrived);
    if (verified.bytes() < blob.size) {
        move_bytes(*read(verified.bytes()), verified, stop, arrived);
    }
    verified.finish();
}

/// What arrived stays for the next run, but where it is wrong or the disk is full.
template <class Fill>
void keeping(base::PartialFile& file, const Fill& fill) {
    try {
        fill();
    } catch (const base::IntegrityError&) {
        throw;
    } catch (const base::IoError&) {
        throw;
    } catch (...) {
        file.keep();
        throw;
    }
}

void write_resumable(base::PartialFile& file,
                     const std::string& path,
                     const model::Descriptor& blob,
                     const BlobReader& read,
                     const std::stop_token& stop,
                     const BytesArrived& arrived) {
    if (file.held() > 0 && file.held() <= blob.size) {
        try {
            keeping(file, [&] { go_on(file, path, blob, read, stop, arrived); });
            file.commit();
            return;
        } catch (const base::IntegrityError&) {
            check_stop(stop);  // what was there may be what is wrong: once more, from the beginning
        }
    }
    file.restart();
    keeping(file, [&] {
        stream::WritingSink sink(file);
        write_all_of_it(sink, blob, read, stop, arrived);
    });
    file.commit();
}

}  // namespace

void write_blob_file(const std::string& path,
                     const model::Descriptor& blob,
                     const BlobReader& read,
                     const std::stop_token& stop,
                     const BytesArrived& arrived) {
    try {
        constexpr std::size_t kKeyLength = 64;
        base::PartialFile file(path, blob.digest.encoded().substr(0, kKeyLength));
        write_resumable(file, path, blob, read, stop, arrived);
    } catch (const base::PartialFileBusy&) {
        base::AtomicFile file(path);
        stream::WritingSink sink(file);
        write_all_of_it(sink, blob, read, stop, arrived);
        file.commit();
    }
}

bool is_whole(const Content& content,
              const model::Descriptor& expected,
              const std::stop_token& stop) {
    if (content.size != expected.size || !expected.digest.verifier()) {
        return false;
    }
    stream::VerifyingSource source(open_content(content), {expected.digest, expected.size});
    stream::NullSink nowhere;
    try {
        move_bytes(source, nowhere, stop, {});
        return true;
    } catch (const base::IntegrityError&) {
        return false;
    }
}

std::optional<model::Manifest> parse_if_whole(const Content& content,
                                              const model::Descriptor& expected) {
    if (content.size > model::kMaxManifestBytes || !is_whole(content, expected, {})) {
        return std::nullopt;
    }
    return model::Manifest::parse(read_content(content, model::kMaxManifestBytes), "",
                                  expected.media_type);
}

}  // namespace regtool::store
