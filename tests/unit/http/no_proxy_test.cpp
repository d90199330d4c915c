#include "http/no_proxy.hpp"

#include "support/catch.hpp"

using regtool::http::is_excepted;

TEST_CASE("PXY-02 which hosts a no_proxy list names") {
    struct Row {
        const char* host;
        const char* list;
        bool excepted;
    };

    for (const Row& row : {
             Row{"www.ample.com", "ample.com", true},
             Row{"example.com", "ample.com", false},
             Row{"ample.com", ".ample.com", true},
             Row{"a.ample.com", ".ample.com", true},
             Row{"ample.com", "AMPLE.com.", true},
             Row{"anything", "*", true},
             Row{"anything", "x, *", false},
             Row{"b", "a, b", true},
             Row{"b", "a b\tc", true},
             Row{"b", "", false},
             Row{"b", ",,", false},
             Row{"10.1.2.3", "10.0.0.0/8", true},
             Row{"11.1.2.3", "10.0.0.0/8", false},
             Row{"10.1.2.3", "10.1.2.3", true},
             Row{"10.1.2.3", "10.1.2.4/31", false},
             Row{"10.1.2.5", "10.1.2.4/31", true},
             Row{"10.1.2.3", "1.2.3", false},
             Row{"10.1.2.3", "0.0.0.0/0", true},
             Row{"10.1.2.3", "10.0.0.0/33", false},
             Row{"10.1.2.3", "10.0.0.0/x", false},
             Row{"fd00::1", "fd00::1", true},
             Row{"fd00::1", "[fd00::1]", true},
             Row{"fd00::1", "fd00::/8", true},
             Row{"fd00::1", "fe80::/10", false},
             Row{"xn--bcher-kva.example", "xn--bcher-kva.example", true},
             Row{"reg.test", "reg.test:5000", false},
         }) {
        CAPTURE(row.host, row.list);
        CHECK(is_excepted(row.host, row.list) == row.excepted);
    }
}
