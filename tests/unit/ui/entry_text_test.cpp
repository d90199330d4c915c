#include "ui/entry_text.hpp"

#include "support/catch.hpp"

using namespace regtool;

TEST_CASE("DIF-08 a time that is absent, zero or none is shown as unknown") {
    for (const char* time :
         {"2024-05-01T12:00:00Z", "2024-05-01T12:00:00.123456789+02:00", "1970-01-01T00:00:00Z"}) {
        CHECK(ui::created_text(time) == time);
    }
    for (const char* time : {"", "0001-01-01T00:00:00Z", "0001-01-01T02:00:00.5+02:00", "yesterday",
                             "2024-05-01", "2024-05-01 12:00:00Z", "1714564800", "\x1b[2J"}) {
        CAPTURE(time);
        CHECK(ui::created_text(time) == "unknown");
    }
}
