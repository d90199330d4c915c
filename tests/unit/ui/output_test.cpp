#include "regtool/ui/output.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "unit/ui/captured.hpp"

using namespace regtool;
using namespace regtool::ui;
using Json = nlohmann::ordered_json;

namespace {

template <class Use>
std::string written(OutputOptions options, const Use& use) {
    const test::Captured captured;
    Output out(captured.fd(), std::move(options));
    use(out);
    out.flush();
    return captured.text();
}

OutputOptions with(Format format, std::string jq = {}, Layout layout = Layout::automatic) {
    return {format, std::move(jq), layout, {}};
}

}  // namespace

TEST_CASE("MED-20 a fetched document goes out byte for byte unless people look") {
    const std::string document = "{\"b\":1,\t\"a\":\"\\u0041\"}\n";
    const auto show = [&](Output& out) { out.document(document); };
    CHECK(written(with(Format::text), show) == document);
    CHECK(written(with(Format::json), show) == document);
    CHECK(written(with(Format::text, "", Layout::pretty), show) ==
          "{\n  \"b\": 1,\n  \"a\": \"\\u0041\"\n}\n");
    OutputOptions terminal = with(Format::text);
    terminal.terminal = {true, true, 80};
    CHECK(written(terminal, show).find("\x1b[") != std::string::npos);
    terminal.layout = Layout::raw;
    CHECK(written(terminal, show) == document);
}

TEST_CASE("objects and listings in each format") {
    const auto object = [](Output& out) { out.object({{"a", 1}}); };
    CHECK(written(with(Format::json), object) == "{\n  \"a\": 1\n}\n");
    CHECK(written(with(Format::ndjson), object) == "{\"a\":1}\n");
    CHECK(written(with(Format::json, ".a"), object) == "1\n");
    const auto listing = [](Output& out) {
        out.begin_list();
        out.item({{"a", 1}});
        out.item({{"a", 2}});
        out.end_list();
    };
    CHECK(Json::parse(written(with(Format::json), listing)).size() == 2);
    CHECK(written(with(Format::ndjson), listing) == "{\"a\":1}\n{\"a\":2}\n");
    CHECK(written(with(Format::text, "length"), listing) == "2\n");
    CHECK(written(with(Format::ndjson, ".a"), listing) == "1\n2\n");
    const auto empty = [](Output& out) {
        out.begin_list();
        out.end_list();
    };
    CHECK(written(with(Format::json), empty) == "[]\n");
    CHECK(written(with(Format::ndjson), empty).empty());
}

TEST_CASE("T-29 JSON output is safe for a terminal") {
    const std::string text = written(with(Format::ndjson), [](Output& out) {
        out.object({{"a", "\x1b[31m \xe2\x80\xae \xff"}});
    });
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("\\u202e") != std::string::npos);
    CHECK(base::is_valid_utf8(text));
}

TEST_CASE("raw bytes of a failed blob are dropped on the way out, items are not") {
    const test::Captured captured;
    Output out(captured.fd(), with(Format::text));
    out.line("item");
    out.flush_finished();
    out.bytes().write(base::as_bytes("half a blob"));
    out.flush_finished();
    CHECK(captured.text() == "item\n");
}

TEST_CASE("large output is not held back") {
    const std::string text = written(with(Format::text), [](Output& out) {
        for (int i = 0; i < 20'000; ++i) {
            out.line("0123456789");
        }
    });
    CHECK(text.size() == 220'000);
}

TEST_CASE("F-21 a full disk is an error of this machine") {
    const base::UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    Output out(full.get(), with(Format::text));
    out.line("x");
    CHECK_THROWS_AS(out.flush(), base::IoError);
}
