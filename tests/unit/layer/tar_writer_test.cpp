#include "regtool/layer/tar_writer.hpp"

#include <string>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::layer;

namespace {

class TextSink final : public stream::Sink {
  public:
    void write(std::span<const std::byte> bytes) override {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }

    std::string text;
};

Entry file(std::string path, std::uint64_t size) {
    Entry entry;
    entry.path = std::move(path);
    entry.type = EntryType::file;
    entry.mode = 04755;
    entry.uid = 3'000'000'000;
    entry.gid = 7;
    entry.user_name = "user";
    entry.size = size;
    entry.mtime = 1'600'000'000;
    entry.mtime_nanoseconds = 5;
    return entry;
}

std::string archive_of(const std::vector<Entry>& entries) {
    TextSink sink;
    TarWriter tar(sink);
    for (const Entry& entry : entries) {
        tar.begin(entry);
        const std::string content(entry.type == EntryType::file ? entry.size : 0, 'x');
        tar.content(std::as_bytes(std::span(content)));
    }
    tar.finish();
    return sink.text;
}

}  // namespace

TEST_CASE("LAY-28 LAY-30 what is written is what is read back, and the same each time") {
    Entry first = file(std::string(200, 'd') + "/" + std::string(250, 'n'), 1000);
    first.xattrs["user.note"] = std::string("a\0b", 3);
    Entry odd = file("caf\xe9", 3);
    Entry link = file("link", 0);
    link.type = EntryType::symlink;
    link.link_target = std::string(200, 't') + "/" + std::string(200, 'u');
    Entry hard = file("hard", 0);
    hard.type = EntryType::hardlink;
    hard.link_target = "caf\xe9";
    Entry device = file("null", 0);
    device.type = EntryType::char_device;
    device.device_major = 1;
    device.device_minor = 3;
    const std::vector<Entry> entries{first, odd, link, hard, device};
    const std::string archive = archive_of(entries);
    CHECK(archive == archive_of(entries));

    LayerReader reader(std::make_unique<stream::StringSource>(archive));
    for (const Entry& wanted : entries) {
        const Entry* got = reader.next();
        REQUIRE(got != nullptr);
        CHECK(got->path == wanted.path);
        CHECK(got->type == wanted.type);
        CHECK(got->link_target == wanted.link_target);
        CHECK(got->mode == wanted.mode);
        CHECK(got->uid == wanted.uid);
        CHECK(got->user_name == wanted.user_name);
        CHECK(got->mtime == wanted.mtime);
        CHECK(got->mtime_nanoseconds == wanted.mtime_nanoseconds);
        CHECK(got->device_minor == wanted.device_minor);
        CHECK(got->xattrs == wanted.xattrs);
    }
    CHECK(reader.next() == nullptr);
}

TEST_CASE("a tar that was not finished is seen to be cut") {
    TextSink sink;
    {
        TarWriter tar(sink);
        tar.begin(file("a", 100'000));
        const std::string part(600, 'x');
        tar.content(std::as_bytes(std::span(part)));
    }
    CHECK_FALSE(sink.text.ends_with(std::string(1024, '\0')));
}

TEST_CASE("what the sink throws comes out of the writer") {
    class Full final : public stream::Sink {
      public:
        void write(std::span<const std::byte> /*bytes*/) override {
            throw base::IoError("disk", "full", 0);
        }
    } full;

    TarWriter tar(full);
    CHECK_THROWS_AS(tar.begin(file("a", 1 << 20)), base::IoError);
}

TEST_CASE("after the end of an entry another writer goes on") {
    TextSink sink;
    TextSink whole;
    TarWriter all(whole);
    for (const std::string name : {"a", "b"}) {
        const std::string text(600, 'x');
        TarWriter tar(sink);
        tar.begin(file(name, 600));
        tar.content(std::as_bytes(std::span(text)));
        tar.end();
        CHECK(sink.text.size() % 512 == 0);
        all.begin(file(name, 600));
        all.content(std::as_bytes(std::span(text)));
    }
    TarWriter(sink).finish();
    all.finish();
    CHECK(sink.text == whole.text);
}

TEST_CASE("LAY-16 attributes of overlay file systems are not the image's") {
    Entry folder = file("d", 0);
    folder.type = EntryType::directory;
    folder.xattrs = {
        {"user.overlay.opaque", "y"}, {"trusted.overlay.origin", "x"}, {"user.n", "v"}};
    LayerReader reader(std::make_unique<stream::StringSource>(archive_of({folder})));
    const Entry* got = reader.next();
    REQUIRE(got != nullptr);
    CHECK(got->xattrs == std::map<std::string, std::string>{{"user.n", "v"}});
}
