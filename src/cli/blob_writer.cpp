#include "cli/blob_writer.hpp"

#include "cli/arguments.hpp"
#include "cli/file_sink.hpp"
#include "regtool/base/output_file.hpp"
#include "regtool/base/partial_file.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::cli {

namespace {

void stream_blob(Session& session,
                 store::ImageStore& store,
                 const ops::ChosenBlob& blob,
                 bool decompress,
                 stream::Sink& sink,
                 stream::Source* held = nullptr) {
    ops::TransferScope transfer(session.progress(), blob.label, blob.expected.size);
    const auto arrived = [&transfer](std::uint64_t bytes) { transfer.advance(bytes); };
    if (decompress) {
        stream::DecompressingSource plain(store.open_blob(blob.expected, arrived));
        stream::pump(plain, sink);
    } else {
        store.fetch_blob(blob.expected, sink, session.stop(), arrived, held);
    }
    transfer.end(ops::TransferEnd::done);
}

/// One try to fill the file, going on after what an earlier run left.
void fill(Session& session,
          store::ImageStore& store,
          const ops::ChosenBlob& blob,
          base::PartialFile& file) {
    FileSink sink(file);
    try {
        if (file.held() == 0) {
            stream_blob(session, store, blob, false, sink);
        } else {
            session.log().info("going on after the " + base::human_size(file.held()) +
                               " of an earlier run");
            stream::FdSource held(file.rewind(), "the partial file");
            stream_blob(session, store, blob, false, sink, &held);
        }
        sink.flush();
    } catch (base::TransportError& error) {
        sink.flush();
        file.keep();
        error.set_hint("run it again: it goes on where it stopped");
        throw;
    }
}

void write_resumable(Session& session,
                     store::ImageStore& store,
                     const ops::ChosenBlob& blob,
                     const std::string& path) {
    base::PartialFile file(path, blob.expected.digest.encoded().substr(0, 64));
    if (blob.expected.size && file.held() > *blob.expected.size) {
        file.restart();
    }
    const bool resumed = file.held() > 0;
    try {
        fill(session, store, blob, file);
    } catch (const base::IntegrityError& error) {
        if (!resumed) {
            throw;
        }
        // What was there may be what is wrong: once more, from the first byte (BLB-06, BLB-08).
        session.log().info(error.message() + "; starting over");
        file.restart();
        fill(session, store, blob, file);
    }
    file.commit();
}

}  // namespace

void add_parallel_ranges(Arguments& app, int& connections) {
    constexpr int kMost = 16;
    app.add_option(
           "--parallel-ranges", connections,
           "Read large blobs over so many connections, for servers that limit each (default: "
           "one, then four when that one is the limit)")
        ->type_name("N")
        ->range(1, kMost)
        ->default_str("");
}

void use_parallel_ranges(Session& session, int connections) {
    // A limit is kept by each connection, so that several would pass it.
    session.registry().use_parallel_ranges(session.options.limit_rate > 0 ? 1 : connections);
}

void add_blob_output(Arguments& app, BlobOutput& output) {
    app.add_option(
           "-o,--output", output.file,
           "Write to this file, which appears only when verified; goes on with the part that a "
           "killed run left")
        ->type_name("FILE");
    app.add_flag("--decompress", output.decompress,
                 "Write what the gzip or zstd stream unpacks to");
    add_parallel_ranges(app, output.parallel_ranges);
}

void write_blob(Session& session,
                store::ImageStore& store,
                const ops::ChosenBlob& blob,
                const BlobOutput& output) {
    use_parallel_ranges(session, output.parallel_ranges);
    if (output.file.empty() || output.file == "-") {
        if (session.out().terminal().is_terminal && output.file.empty()) {
            base::UsageError error("will not write binary data to a terminal");
            error.set_hint("-o FILE, or -o - to write it all the same");
            throw error;
        }
        stream_blob(session, store, blob, output.decompress, session.out().bytes());
        session.out().flush();
    } else if (output.decompress || base::is_written_straight(output.file)) {
        base::OutputFile file(output.file);
        FileSink sink(file);
        stream_blob(session, store, blob, output.decompress, sink);
        sink.flush();
        file.commit();
    } else {
        write_resumable(session, store, blob, output.file);
    }
}

}  // namespace regtool::cli
