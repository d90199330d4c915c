#include "regtool/ops/exporter.hpp"

#include "regtool/layer/layer_reader.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/view_lab.hpp"

using namespace regtool;

namespace {

struct Exported {
    std::string tar;
    std::size_t left_out = 0;
};

Exported exported(const std::vector<std::string>& layers) {
    test::ViewLab lab(layers);
    const auto tree = ops::merge_layers(lab.view, 2);
    stream::StringSink sink(std::size_t{1} << 24);
    const std::size_t left_out = ops::export_tree(lab.view, tree, sink);
    return {sink.text(), left_out};
}

class TextSource final : public stream::Source {
  public:
    explicit TextSource(layer::LayerReader& reader) : reader_(reader) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        return reader_.read_content(out);
    }

  private:
    layer::LayerReader& reader_;
};

/// "letter path content|-> target" for each entry, in the order of the archive.
std::string listing(const std::string& tar) {
    layer::LayerReader reader(std::make_unique<stream::StringSource>(tar));
    std::string text;
    while (const layer::Entry* entry = reader.next()) {
        text += entry->path;
        if (entry->type == layer::EntryType::file) {
            TextSource content(reader);
            text += " " + test::read_all(content);
        } else if (!entry->link_target.empty()) {
            text +=
                (entry->type == layer::EntryType::hardlink ? " = " : " -> ") + entry->link_target;
        }
        text += "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("LAY-30 layers come out as one tar: files, then folders, links and devices") {
    const Exported made =
        exported({test::TarBuilder().directory("d").file("d/b", "old").file("gone", "x").finish(),
                  test::TarBuilder()
                      .file("d/b", "new")
                      .file("a", "1")
                      .file(".wh.gone", "")
                      .symlink("l", "/d")
                      .add({.name = "null", .type = '3', .major = 1, .minor = 3})
                      .finish()});
    CHECK(listing(made.tar) == "d/b new\na 1\n./\nd/\nl -> /d\nnull\n");
    CHECK(made.left_out == 0);
    CHECK(listing(exported({}).tar) == "./\n");
}

TEST_CASE("LAY-31 a hard link whose other name is hidden takes its content along") {
    const std::string base =
        test::TarBuilder().file("a", "shared").hardlink("b", "a").hardlink("c", "a").finish();
    CHECK(listing(exported({base}).tar) == "a shared\n./\nb = a\nc = a\n");
    CHECK(listing(exported({base, test::TarBuilder().file(".wh.a", "").finish()}).tar) ==
          "b shared\n./\nc = b\n");
    CHECK(listing(exported({base, test::TarBuilder().file("a", "other").finish()}).tar) ==
          "b shared\na other\n./\nc = b\n");
}

TEST_CASE("LAY-10 whiteouts never come out, whatever their type") {
    const std::string base =
        test::TarBuilder().file("f", "").directory("d").file("d/x", "").finish();
    const std::string upper = test::TarBuilder()
                                  .directory(".wh.f")
                                  .symlink("d/.wh..wh..opq", "/etc")
                                  .file(".wh.never", "payload")
                                  .finish();
    CHECK(listing(exported({base, upper}).tar) == "./\nd/\n");
}

TEST_CASE("LAY-22 special bits and numeric owners stay in the tar") {
    const Exported made = exported({test::TarBuilder()
                                        .add({.name = "s", .mode = 06755, .uid = 7, .gid = 8})
                                        .add({.name = "t", .type = '5', .mode = 01777})
                                        .finish()});
    layer::LayerReader reader(std::make_unique<stream::StringSource>(made.tar));
    const layer::Entry* file = reader.next();
    REQUIRE(file != nullptr);
    CHECK(file->mode == 06755);
    CHECK(file->uid == 7);
    CHECK(file->gid == 8);
    REQUIRE(reader.next() != nullptr);  // the root
    const layer::Entry* folder = reader.next();
    REQUIRE(folder != nullptr);
    CHECK(folder->mode == 01777);
}
