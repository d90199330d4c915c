#include "regtool/ui/table.hpp"

#include "support/catch.hpp"

using namespace regtool::ui;

TEST_CASE("columns are as wide as what they hold, without trailing blanks") {
    Table table({{"name", Align::left}, {"size", Align::right}, {"note", Align::left}});
    table.add({"a", "1", ""});
    table.add({"long name", "1000", "x"});
    CHECK(table.str() ==
          "name       size  note\n"
          "a             1\n"
          "long name  1000  x\n");
}

TEST_CASE("wide and combining characters take the columns that they take") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("世界") == 4);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(display_width("\xff") == 1);
}

TEST_CASE("the last left column is cut to fit") {
    Table table({{"a", Align::left}, {"b", Align::left}});
    table.add({"1", std::string(100, 'x')});
    const std::string text = table.str(40);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        CHECK(display_width(text.substr(at, text.find('\n', at) - at)) <= 40);
    }
    CHECK(text.find("…") != std::string::npos);
}
